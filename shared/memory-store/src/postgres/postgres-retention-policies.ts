import { withStoreErrors } from '@soma/postgres';
import type pg from 'pg';
import {
  NO_COUNTS,
  type KeptPolicy,
  type Outlived,
  type RetentionPolicies,
  type RetentionPolicy,
  type RetentionPreview,
  type RetentionReason,
} from '../retention-policies.js';
import { outlivedStatement, previewStatement, surplusStatement, type Statement } from './outlived.js';

/** Policies as rows, over the pool it is given; the pool stays the caller's to end. */
export function createPostgresRetentionPolicies({ pool }: { pool: pg.Pool }): RetentionPolicies {
  const policies = (text: string, values: unknown[]): Promise<KeptPolicy[]> =>
    withStoreErrors(async () => (await pool.query<PolicyRow>(text, values)).rows.map(policyOf));
  const changed = (text: string, values: unknown[]): Promise<boolean> =>
    withStoreErrors(async () => (await pool.query(text, values)).rowCount === 1);
  return {
    list: ({ after, limit }) => policies(LIST, [after ?? '', limit]),
    get: async (namespace) => (await policies(GET, [namespace]))[0],
    set: async (namespace, policy, by) => {
      const [kept] = await policies(SET, [namespace, ...columnsOf(policy), by]);
      return kept as KeptPolicy;
    },
    remove: (namespace) => changed(REMOVE, [namespace]),
    due: async () => (await policies(DUE, []))[0],
    outlived: (namespace, policy, limit) =>
      withStoreErrors(async () => {
        const over = await targets(pool, outlivedStatement(namespace, policy, limit));
        const { max_memories } = policy;
        if (over.length > 0 || max_memories === null) return over;
        return targets(pool, surplusStatement(namespace, { ...policy, max_memories }, limit));
      }),
    preview: (namespace, policy, coords) =>
      withStoreErrors(() => preview(pool, previewStatement(namespace, policy, coords))),
    count: async (namespace, { ttl, decay, max_memories }) => {
      await changed(COUNT, [namespace, ttl, decay, max_memories]);
    },
    ran: async ({ namespace, since, deleted, againInMs }) => {
      await changed(RAN, [namespace, since, deleted, againInMs]);
    },
  };
}

async function targets(pool: pg.Pool, statement: Statement | undefined): Promise<Outlived[]> {
  if (statement === undefined) return [];
  return (await pool.query<Outlived>(statement.text, statement.values)).rows;
}

interface PreviewRow {
  live: number;
  reason: RetentionReason | null;
  would_delete: number;
  coords: string[];
}

async function preview(pool: pg.Pool, { text, values }: Statement): Promise<RetentionPreview> {
  const { rows } = await pool.query<PreviewRow>(text, values);
  const found: RetentionPreview = {
    live: rows[0]?.live ?? 0,
    would_delete: { ...NO_COUNTS },
    coords: { ttl: [], decay: [], max_memories: [] },
  };
  for (const { reason, would_delete, coords } of rows) {
    if (reason === null) continue;
    found.would_delete[reason] = would_delete;
    found.coords[reason] = coords;
  }
  return found;
}

interface PolicyRow {
  namespace: string;
  ttl_seconds: number | null;
  max_memories: number | null;
  half_life_seconds: number | null;
  min_score: number | null;
  count_accesses: boolean;
  updated_at: number;
  updated_by: string;
  due_at: number;
  last_run_at: number | null;
  last_run_deleted: number | null;
  deleted_ttl: number;
  deleted_decay: number;
  deleted_max_memories: number;
}

const COLUMNS = `namespace, ttl_seconds, max_memories, half_life_seconds, min_score, count_accesses, updated_at,
  updated_by, due_at, last_run_at, last_run_deleted, deleted_ttl, deleted_decay, deleted_max_memories`;

function policyOf(row: PolicyRow): KeptPolicy {
  const { namespace, ttl_seconds, max_memories, half_life_seconds, min_score, count_accesses } = row;
  const { updated_at, updated_by, due_at, last_run_at } = row;
  const decay =
    half_life_seconds === null
      ? null
      : { half_life_seconds, min_score: min_score ?? 0, accesses: count_accesses };
  return {
    namespace,
    policy: { ttl_seconds, max_memories, decay },
    updated_at,
    updated_by,
    due_at,
    last_run: last_run_at === null ? null : { at: last_run_at, deleted: row.last_run_deleted ?? 0 },
    deleted: { ttl: row.deleted_ttl, decay: row.deleted_decay, max_memories: row.deleted_max_memories },
  };
}

function columnsOf({ ttl_seconds, max_memories, decay }: RetentionPolicy): unknown[] {
  const { half_life_seconds = null, min_score = null, accesses = false } = decay ?? {};
  return [ttl_seconds, max_memories, half_life_seconds, min_score, accesses];
}

const LIST = `select ${COLUMNS} from retention_policies where namespace > $1 order by namespace limit $2`;
const GET = `select ${COLUMNS} from retention_policies where namespace = $1`;

const SET = `
  insert into retention_policies
    (namespace, ttl_seconds, max_memories, half_life_seconds, min_score, count_accesses, updated_by)
  values ($1, $2, $3, $4, $5, $6, $7)
  on conflict (namespace) do update set
    ttl_seconds = excluded.ttl_seconds, max_memories = excluded.max_memories,
    half_life_seconds = excluded.half_life_seconds, min_score = excluded.min_score,
    count_accesses = excluded.count_accesses, updated_by = excluded.updated_by, updated_at = now(), due_at = now()
  returning ${COLUMNS}`;

const REMOVE = `delete from retention_policies where namespace = $1`;

const DUE = `
  select ${COLUMNS} from retention_policies where due_at <= now() order by due_at, namespace limit 1`;

const COUNT = `
  update retention_policies set
    deleted_ttl = deleted_ttl + $2, deleted_decay = deleted_decay + $3,
    deleted_max_memories = deleted_max_memories + $4
  where namespace = $1`;

/** Times are compared as they were read: in whole milliseconds. */
const RAN = `
  update retention_policies set
    last_run_at = now(), last_run_deleted = $3,
    due_at = case
      when floor(extract(epoch from updated_at) * 1000) > $2 then due_at
      else now() + $4 * interval '1 millisecond' end
  where namespace = $1`;
