import { analyzeGrowth } from '@soma/postgres';
import type pg from 'pg';
import type { HeldPage, HeldPoint, HeldRevision, IndexPoint, PointRevision, ScanPage } from '../port.js';
import { indexErrors, noCollection } from './index-errors.js';
import * as sql from './statements.js';
import { upsertColumns } from './upsert-columns.js';

/** Points per statement. */
const UPSERTED_AT_A_TIME = 500;
const DELETED_AT_A_TIME = 5_000;

/** What a collection holds: its rows. The copies that searches scan come after them. */
export class HeldPoints {
  readonly #pool: pg.Pool;
  readonly #hasWritten: (points: number) => void;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
    this.#hasWritten = analyzeGrowth(pool, 'index_points');
  }

  /** Points whose keys are all different, where they are newer than what is there. */
  async upsert(collection: string, points: IndexPoint[]): Promise<void> {
    for (let from = 0; from < points.length; from += UPSERTED_AT_A_TIME) {
      const chunk = points.slice(from, from + UPSERTED_AT_A_TIME);
      const found = await this.#rows(sql.UPSERT_POINTS, [collection, chunk.length, ...upsertColumns(chunk)]);
      if (found.length === 0) throw noCollection();
    }
    this.#hasWritten(points.length);
  }

  async revisions(
    collection: string,
    namespace: string,
    keys: readonly string[],
  ): Promise<(HeldRevision | undefined)[]> {
    const rows = await this.#rows<HeldRevision & { key: string | null }>(sql.SELECT_REVISIONS, [
      collection,
      namespace,
      keys,
    ]);
    if (rows.length === 0) throw noCollection();
    const held = new Map(rows.map(({ key, revision, deleted }) => [key, { revision, deleted }]));
    return keys.map((key) => held.get(key));
  }

  /** The cursor is the last point's namespace and key: neither can hold a space. */
  async scan(collection: string, { after, limit, namespace }: ScanPage): Promise<HeldPage> {
    const [fromNamespace = '', fromKey = ''] = (after ?? '').split(' ');
    const values = [collection, namespace, fromNamespace, fromKey, limit];
    const rows = await this.#rows<HeldPoint | { key: null }>(sql.SELECT_HELD, values);
    if (rows.length === 0) throw noCollection();
    const points = rows.filter((row): row is HeldPoint => row.key !== null);
    const last = points.length < limit ? undefined : points.at(-1);
    return { points, next: last === undefined ? null : `${last.namespace} ${last.key}` };
  }

  /** Live points. */
  async count(collection: string): Promise<number> {
    const [row] = await this.#rows<{ live: number }>(sql.COUNT_LIVE, [collection]);
    return row?.live ?? 0;
  }

  /** First a deletion, which copies that follow closely see; then its row goes, which makes the others start over. */
  async remove(collection: string, points: readonly PointRevision[]): Promise<void> {
    if (points.length === 0) return;
    const columns = [
      points.map(({ namespace }) => namespace),
      points.map(({ key }) => key),
      points.map(({ revision }) => revision),
    ];
    await this.#rows(sql.KILL_POINTS, [collection, points.length, ...columns]);
    await this.#rows(sql.PRUNE_POINTS, [collection, ...columns]);
  }

  async drop(collection: string): Promise<void> {
    for (let gone = DELETED_AT_A_TIME; gone === DELETED_AT_A_TIME;) {
      const { rowCount } = await indexErrors(() =>
        this.#pool.query(sql.DELETE_POINTS, [collection, DELETED_AT_A_TIME]),
      );
      gone = rowCount ?? 0;
    }
    await this.#rows(sql.DELETE_COLLECTION, [collection]);
  }

  #rows<R extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<R[]> {
    return indexErrors(async () => (await this.#pool.query<R>(text, values)).rows);
  }
}
