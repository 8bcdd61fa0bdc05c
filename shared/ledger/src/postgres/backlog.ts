import { POSITIONS_PER_GENERATION } from '@soma/memory';
import type { Queryable } from '@soma/postgres';
import type { BacklogBounds, NamespaceBacklog } from '../port.js';

export async function readBacklog(
  connection: Queryable,
  { scan, namespaces }: BacklogBounds,
): Promise<NamespaceBacklog[]> {
  const { rows } = await connection.query<NamespaceBacklog>({
    ...READ_BACKLOG,
    values: [scan, namespaces, POSITIONS_PER_GENERATION],
  });
  return rows;
}

/** Only partitions where the indexer is behind the writer are looked into, each for its share of the scan. */
const READ_BACKLOG = {
  name: 'read_backlog',
  text: `
  with lagging as materialized (
    select written.partition,
      coalesce(indexed.generation::bigint * $3::bigint + indexed.command_position, -1) as revision
    from progress as written
    left join progress as indexed on indexed.group_name = 'indexer' and indexed.topic = 'memory.events'
      and indexed.partition = written.partition
    where written.group_name = 'writer' and written.topic = 'memory.commands' and written.position >= 0
      and (indexed.partition is null
        or (indexed.generation, indexed.command_position) < (written.generation, written.position))
  )
  select waiting.namespace, count(*) as memories
  from lagging
  cross join lateral (
    select namespace from memories
    where memories.partition = lagging.partition and memories.revision > lagging.revision
    order by memories.revision
    limit (select ceil($1::float8 / count(*)) from lagging)
  ) as waiting
  group by waiting.namespace
  order by memories desc, waiting.namespace
  limit $2`,
};
