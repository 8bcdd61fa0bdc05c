import type { Queryable } from '@soma/postgres';
import type { Quota, Usage } from '../quotas.js';

/** What namespaces with a quota hold, as the transaction sees it: other partitions may be adding to it. */
export async function usedBy(
  tx: Queryable,
  namespaces: readonly string[],
  quotas: ReadonlyMap<string, Quota>,
): Promise<Map<string, Usage>> {
  const limited = [...new Set(namespaces)].filter((namespace) => quotas.has(namespace));
  if (limited.length === 0) return new Map();
  const { rows } = await tx.query<Usage & { namespace: string }>({ ...USED_BY, values: [limited] });
  return new Map(rows.map(({ namespace, ...usage }) => [namespace, usage]));
}

const USED_BY = {
  name: 'used_by',
  text: `
  select namespace, sum(memories) as memories, sum(bytes) as bytes from namespace_usage
  where namespace = any($1::text[])
  group by namespace`,
};

export async function addUsage(
  tx: Queryable,
  added: readonly [namespace: string, added: Usage][],
  partition: number,
): Promise<void> {
  if (added.length === 0) return;
  await tx.query({
    ...ADD_USAGE,
    values: [
      partition,
      added.map(([namespace]) => namespace),
      added.map(([, { memories }]) => memories),
      added.map(([, { bytes }]) => bytes),
    ],
  });
}

const ADD_USAGE = {
  name: 'add_usage',
  text: `
  insert into namespace_usage as usage (partition, namespace, memories, bytes)
  select $1::int, * from unnest($2::text[], $3::bigint[], $4::bigint[])
  on conflict (namespace, partition) do update set
    memories = usage.memories + excluded.memories, bytes = usage.bytes + excluded.bytes`,
};
