import { withStoreErrors } from '@soma/postgres';
import type pg from 'pg';
import type { MemoryHead, MemoryHeads } from '../heads.js';
import { idText } from './read-states.js';

export function createHeads(pool: pg.Pool): MemoryHeads {
  const heads = (statement: { name: string; text: string }, values: unknown[]): Promise<MemoryHead[]> =>
    withStoreErrors(async () => (await pool.query<MemoryHead>({ ...statement, values })).rows);
  return {
    scan: ({ after, limit, namespace }) =>
      heads(namespace === null ? SCAN : SCAN_NAMESPACE, [
        after?.namespace ?? '',
        after?.key ?? '',
        limit,
        ...(namespace === null ? [] : [namespace]),
      ]),
    sample: ({ size, namespace }) => heads(SAMPLE, [size, namespace]),
    of: async (ids) => {
      if (ids.length === 0) return [];
      const found = await heads(HEADS_OF, [ids.map((id) => id.namespace), ids.map((id) => id.key)]);
      const byId = new Map(found.map((head) => [idText(head), head]));
      return ids.map((id) => byId.get(idText(id)));
    },
    count: (namespace) =>
      withStoreErrors(async () => {
        const { rows } = await pool.query<{ count: number }>(COUNT, [namespace]);
        return rows[0]?.count ?? 0;
      }),
  };
}

const COLUMNS = 'namespace, key, coord, partition, revision, deleted';

const SCAN = {
  name: 'scan_heads',
  text: `
  select ${COLUMNS} from memories
  where (namespace, key) > ($1, $2)
  order by namespace, key
  limit $3`,
};

const SCAN_NAMESPACE = {
  name: 'scan_heads_of_namespace',
  text: `
  select ${COLUMNS} from memories
  where namespace = $4 and (namespace, key) > ($1, $2)
  order by namespace, key
  limit $3`,
};

/** The primary key alone is sorted; rows are read of those drawn. */
const SAMPLE = {
  name: 'sample_heads',
  text: `
  with drawn as (
    select namespace, key from memories
    where $2::text is null or namespace = $2
    order by random()
    limit $1
  )
  select ${COLUMNS} from memories join drawn using (namespace, key)`,
};

const HEADS_OF = {
  name: 'heads_of',
  text: `
  select ${COLUMNS} from memories
  where (namespace, key) in (select * from unnest($1::text[], $2::text[]))`,
};

const COUNT = `select count(*) as count from memories where $1::text is null or namespace = $1`;
