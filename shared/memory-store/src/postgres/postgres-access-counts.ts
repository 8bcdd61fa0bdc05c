import { timestamp, withStoreErrors } from '@soma/postgres';
import type pg from 'pg';
import type { AccessCounts } from '../access-counts.js';
import { liveCondition } from './memory-row.js';

/** Access counts over the pool it is given; the pool stays the caller's to end. */
export function createPostgresAccessCounts({ pool }: { pool: pg.Pool }): AccessCounts {
  return {
    add: (counts) =>
      withStoreErrors(async () => {
        if (counts.length === 0) return;
        await pool.query({
          ...ADD,
          values: [
            counts.map(({ namespace }) => namespace),
            counts.map(({ key }) => key),
            counts.map(({ accesses }) => accesses),
            counts.map(({ accessed_at }) => timestamp(accessed_at)),
          ],
        });
      }),
  };
}

/** In one order everywhere, so that two processes never wait for each other in a circle. */
const ADD = {
  name: 'add_accesses',
  text: `
  insert into memory_accesses as counted (namespace, key, created_at, accesses, accessed_at)
  select memories.namespace, memories.key, memories.created_at, added.accesses, added.accessed_at
  from unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[]) as added (namespace, key, accesses, accessed_at)
  join memories on memories.namespace = added.namespace and memories.key = added.key
  where ${liveCondition('memories')}
  order by memories.namespace, memories.key
  on conflict (namespace, key) do update set
    created_at = excluded.created_at,
    accesses = excluded.accesses + case when counted.created_at = excluded.created_at then counted.accesses else 0 end,
    accessed_at = greatest(excluded.accessed_at, counted.accessed_at)`,
};
