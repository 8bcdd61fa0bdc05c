import { SomaError, type Filter, type ListPosition } from '@soma/memory';
import { inTransaction, untilAborted, withStoreErrors, type Queryable } from '@soma/postgres';
import type pg from 'pg';
import type { ListingReads, ListPage, ListQuery, RangePage, RangeQuery } from '../listing.js';
import { compileFilter, nameIn } from './compile-filter.js';
import {
  all,
  movedStatement,
  moves,
  rangeStatement,
  scanStatement,
  type Place,
  type ScannedMemory,
} from './list-statements.js';
import { liveCondition } from './memory-row.js';
import { readNamespaces } from './namespaces.js';
import { scopeConditions } from './scope-conditions.js';
import { walk } from './walk.js';

export function createListing(pool: pg.Pool): ListingReads {
  return {
    list: (query, signal) => inTransaction(pool, (tx) => listKeys(tx, query), SNAPSHOT, signal),
    range: (query, signal) => withStoreErrors(() => keysInRange(untilAborted(pool, signal), query)),
    namespaces: (query) => withStoreErrors(() => readNamespaces(pool, query)),
    count: (namespace, filter, signal) =>
      withStoreErrors(() => countMatching(untilAborted(pool, signal), namespace, filter)),
  };
}

/** Which memories stand where, and which have moved, has to be of one moment. */
const SNAPSHOT = 'begin isolation level repeatable read read only';

/** Past it a page is given as far as it has come, milliseconds. */
const MOST_MS = 1_000;

async function listKeys(tx: Queryable, query: ListQuery): Promise<ListPage> {
  const { order, after, limit, direction } = query;
  const cut = after?.cut ?? (await readCut(tx));
  const { places, next } = await walk({
    limit,
    after,
    direction,
    moved: after !== null && moves(order) ? await movedMemories(tx, query, after) : [],
    scan: (from, size) => scanned(tx, scanStatement(query, from, cut, size)),
    hasTime: aWhile(),
  });
  return {
    keys: places.map(({ key }) => key),
    next: next === null ? null : { key: next.key, place: next.place, cut },
  };
}

async function keysInRange(connection: Queryable, query: RangeQuery): Promise<RangePage> {
  const { places, next } = await walk({
    limit: query.limit,
    after: query.after === null ? null : { key: query.after, place: null },
    direction: 'asc',
    moved: [],
    scan: (from, size) => scanned(connection, rangeStatement(query, from?.key ?? null, size)),
    hasTime: aWhile(),
  });
  return { keys: places.map(({ key }) => key), next: next?.key ?? null };
}

function aWhile(): () => boolean {
  const deadline = performance.now() + MOST_MS;
  return () => performance.now() < deadline;
}

async function scanned(
  connection: Queryable,
  { text, values }: { text: string; values: unknown[] },
): Promise<ScannedMemory[]> {
  return (await connection.query<ScannedMemory>(text, values)).rows;
}

/** The revision that each partition has come to, in this very snapshot: it moves with what it brings. */
async function readCut(tx: Queryable): Promise<number[]> {
  const { rows } = await tx.query<{ partition: number; revision: number }>(READ_CUT);
  const last = rows.reduce((most, { partition }) => Math.max(most, partition), -1);
  const cut = new Array<number>(last + 1).fill(-1);
  for (const { partition, revision } of rows) cut[partition] = revision;
  return cut;
}

/** 2^40: see revisionOf. */
const READ_CUT = `
  select partition, generation * 1099511627776 + position as revision
  from progress
  where group_name = 'writer' and topic = 'memory.commands'`;

/** Changes of a namespace since the first page that a listing goes on with: every page looks at all of them. */
const MOST_CHANGED = 50_000;

async function movedMemories(tx: Queryable, query: ListQuery, after: ListPosition): Promise<Place[]> {
  const { text, values } = movedStatement(query, after, after.cut, MOST_CHANGED + 1);
  const { rows } = await tx.query<{ changed: number; lost: boolean; moved: [string, number][] }>(
    text,
    values,
  );
  const { changed = 0, lost = false, moved = [] } = rows[0] ?? {};
  if (lost || changed > MOST_CHANGED) {
    throw new SomaError(
      'cursor_expired',
      'too much has changed since the first page; begin again, or list by coord or created_at',
    );
  }
  return moved.map(([key, place]) => ({ key, place }));
}

async function countMatching(connection: Queryable, namespace: string, filter: Filter): Promise<number> {
  const values: unknown[] = [namespace];
  const conditions = [
    'memories.namespace = $1',
    liveCondition('memories'),
    ...scopeConditions(filter, nameIn(values)),
    compileFilter(filter, values),
  ];
  const text = `select count(*) as count from memories where ${all(conditions)}`;
  const { rows } = await connection.query<{ count: number }>(text, values);
  return rows[0]?.count ?? 0;
}
