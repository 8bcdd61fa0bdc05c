import type pg from 'pg';
import { inTransaction, withStoreErrors, type Queryable } from '@soma/postgres';
import type { NamespaceQuota, Quota, Quotas } from '../quotas.js';

/** Quotas as rows; the pool stays the caller's to end. */
export function createPostgresQuotas({ pool }: { pool: pg.Pool }): Quotas {
  return {
    set: ({ namespace, memories, bytes, by }, most) =>
      inTransaction(pool, async (tx) => {
        await tx.query(LOCK);
        const { rows } = await tx.query<{ others: number }>(COUNT_OTHERS, [namespace]);
        if ((rows[0]?.others ?? 0) >= most) return undefined;
        await tx.query(SET, [namespace, memories, bytes, by]);
        return one(tx, namespace);
      }),
    get: (namespace) => withStoreErrors(() => one(pool, namespace)),
    remove: (namespace) =>
      withStoreErrors(async () => (await pool.query(REMOVE, [namespace])).rowCount === 1),
    list: ({ after, limit }) =>
      withStoreErrors(async () => (await pool.query<QuotaRow>(LIST, [after, limit])).rows.map(quotaOf)),
    all: () =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<Quota & { namespace: string }>(ALL);
        return new Map(rows.map(({ namespace, ...quota }) => [namespace, quota]));
      }),
  };
}

type QuotaRow = Omit<NamespaceQuota, 'used'> & { used_memories: number; used_bytes: number };

async function one(connection: Queryable, namespace: string): Promise<NamespaceQuota> {
  const { rows } = await connection.query<QuotaRow>(ONE, [namespace]);
  const [row] = rows;
  if (row !== undefined) return quotaOf(row);
  const none = { memories: null, bytes: null, changed_at: null, changed_by: null };
  return { namespace, ...none, used: { memories: 0, bytes: 0 } };
}

function quotaOf({ used_memories, used_bytes, ...row }: QuotaRow): NamespaceQuota {
  return { ...row, used: { memories: used_memories, bytes: used_bytes } };
}

/** One after the other, so that two do not both take the last place. */
const LOCK = `select pg_advisory_xact_lock(hashtextextended('soma quotas', 0))`;
const COUNT_OTHERS = `select count(*) as others from namespace_quotas where namespace <> $1`;

const SET = `
  insert into namespace_quotas (namespace, memories, bytes, changed_by) values ($1, $2, $3, $4)
  on conflict (namespace) do update set
    memories = excluded.memories, bytes = excluded.bytes, changed_by = excluded.changed_by, changed_at = now()`;

const REMOVE = `delete from namespace_quotas where namespace = $1`;

const COLUMNS = `namespace, quota.memories, quota.bytes, changed_at, changed_by,
  coalesce(used.memories, 0) as used_memories, coalesce(used.bytes, 0) as used_bytes`;
const USED = `
  lateral (
    select sum(memories) as memories, sum(bytes) as bytes from namespace_usage
    where namespace_usage.namespace = named.namespace
  ) as used`;

const ONE = `
  select ${COLUMNS}
  from (select $1::text as namespace) as named
  left join namespace_quotas as quota using (namespace)
  cross join ${USED}`;

const LIST = `
  select ${COLUMNS}
  from namespace_quotas as quota
  join lateral (select quota.namespace) as named using (namespace)
  cross join ${USED}
  where $1::text is null or quota.namespace > $1
  order by namespace
  limit $2`;

const ALL = `select namespace, memories, bytes from namespace_quotas`;
