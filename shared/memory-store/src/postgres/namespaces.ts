import { MEMORY_TYPES } from '@soma/memory';
import type { Queryable } from '@soma/postgres';
import type { NamespacesQuery } from '../listing.js';

/** From one namespace to the next along memories_by_type, however much each of them holds. */
export async function readNamespaces(
  connection: Queryable,
  { always, after, limit }: NamespacesQuery,
): Promise<string[]> {
  const { rows } = await connection.query<{ namespace: string }>({
    ...READ_NAMESPACES,
    values: [after ?? '', always, limit],
  });
  return rows.map(({ namespace }) => namespace);
}

const nextOf = (memoryType: string): string => `(
  select namespace from memories
  where not deleted and memory_type = '${memoryType}' and namespace > found.namespace
  order by namespace limit 1)`;

/** No namespace is empty, so every one is behind ''. least() passes over those that have no next. */
const READ_NAMESPACES = {
  name: 'read_namespaces',
  text: `
  with recursive found (namespace, nth) as (
    select $1::text, 0
    union all
    select least(
      ${MEMORY_TYPES.map(nextOf).join(', ')},
      (select min(name) from unnest($2::text[]) as always (name) where name > found.namespace)), nth + 1
    from found
    where found.namespace is not null and nth < $3::int
  )
  select namespace from found where nth > 0 and namespace is not null`,
};
