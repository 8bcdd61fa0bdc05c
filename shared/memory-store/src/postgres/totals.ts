import type { MemoryType } from '@soma/memory';
import type { Queryable } from '@soma/postgres';
import type { MemoryTotals } from '../port.js';

/** Exact when it is asked; an index-only scan of memories_by_type, so it takes time in proportion to the memories. */
export async function countMemories(connection: Queryable): Promise<MemoryTotals> {
  const { rows } = await connection.query<{
    memory_type: MemoryType | null;
    count: number;
    namespaces: number;
  }>(COUNT);
  const by_type: Record<MemoryType, number> = { episodic: 0, semantic: 0 };
  const totals: MemoryTotals = { total: 0, by_type, namespaces: 0 };
  for (const { memory_type, count, namespaces } of rows) {
    if (memory_type === null) {
      totals.total = count;
      totals.namespaces = namespaces;
    } else {
      by_type[memory_type] = count;
    }
  }
  return totals;
}

/** All that are not deleted, less the expired that nobody has removed yet; per type and, in the row of null, over all. */
const COUNT = `
  with counted as (
    select memory_type, namespace, count(*) as count from memories where not deleted group by 1, 2
    union all
    select memory_type, namespace, -count(*) from memories
    where not deleted and expires_at is not null and expires_at <= now() group by 1, 2
  ), live as (
    select memory_type, namespace, sum(count) as count from counted group by 1, 2 having sum(count) > 0
  )
  select memory_type, coalesce(sum(count), 0) as count, count(distinct namespace) as namespaces
  from live
  group by grouping sets ((memory_type), ())`;
