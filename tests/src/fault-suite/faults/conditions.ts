import { TOPICS } from '@soma/events';
import { until } from '../../system/index.js';
import type { Arena, ClusterArena, StandaloneArena } from '../fault.js';
import type { Place } from '../history/keyspace.js';

/** Generous: the machine may have little to give. */
export const LIMIT_MS = 120_000;

/** The four workers; each is the group of the same name. */
export const WORKERS = ['writer', 'indexer', 'graph', 'cache-invalidator'] as const;
export type Worker = (typeof WORKERS)[number];

export const GROUP_TOPICS: Record<Worker, readonly string[]> = {
  writer: [TOPICS.memoryCommands],
  indexer: [TOPICS.memoryEvents],
  graph: [TOPICS.graphCommands, TOPICS.memoryEvents],
  'cache-invalidator': [TOPICS.memoryEvents],
};

/** @throws when not so many more commands are acknowledged in time */
export async function writesGoOn({ workload }: Arena, count = 20, timeoutMs = LIMIT_MS): Promise<void> {
  if (await workload.acknowledgedMore(count, timeoutMs)) return;
  throw new Error(`waited ${timeoutMs} ms in vain for ${count} more acknowledged commands`);
}

interface GroupStanding {
  position: number;
  epoch: number;
}

/** Sums over the group's partitions: what it has worked off, and how often they changed hands. */
export async function standingOf(
  { sql }: Pick<ClusterArena | StandaloneArena, 'sql'>,
  group: string,
): Promise<GroupStanding> {
  const [row] = await sql<GroupStanding>(STANDING, [group]);
  return { position: Number(row?.position), epoch: Number(row?.epoch) };
}

const STANDING = `
  select coalesce(sum(position), 0)::float8 as position, coalesce(sum(epoch), 0)::float8 as epoch
  from progress where group_name = $1`;

/** The group works off `count` records more than it has now. */
export async function untilProgress(
  tools: Pick<ClusterArena | StandaloneArena, 'sql'>,
  group: string,
  count: number,
): Promise<void> {
  const before = await standingOf(tools, group);
  await until(`${group} to work off ${count} records`, LIMIT_MS, async () => {
    return (await standingOf(tools, group)).position >= before.position + count;
  });
}

/** The group has shared its partitions out among so many members and rests so. */
export async function untilMembers(cluster: ClusterArena, group: string, members: number): Promise<void> {
  await until(`${members} members of ${group}`, LIMIT_MS, async () => {
    const [found] = await cluster
      .kafkaAdmin(async (admin) => (await admin.describeGroups([group])).groups)
      .catch(() => []);
    const state = members === 0 ? 'Empty' : 'Stable';
    return found?.state === state && found.members.length === members;
  });
}

interface TopicEnd {
  topic: string;
  partition: number;
  low: number;
  high: number;
}

export async function endsOf(cluster: ClusterArena, topic: string): Promise<TopicEnd[]> {
  const offsets = await cluster.kafkaAdmin((admin) => admin.fetchTopicOffsets(topic));
  return offsets.map(({ partition, low, high }) => ({
    topic,
    partition,
    low: Number(low),
    high: Number(high),
  }));
}

/** The group has worked off all that its topics hold; for while the workload pauses. */
export async function untilDrained(cluster: ClusterArena, worker: Worker): Promise<void> {
  await until(`${worker} to have worked off its topics`, LIMIT_MS, async () => {
    const ends = (await Promise.all(GROUP_TOPICS[worker].map((topic) => endsOf(cluster, topic)))).flat();
    const rows = await cluster.sql<{ topic: string; partition: number; position: string }>(POSITIONS, [
      worker,
    ]);
    const positions = new Map(rows.map((row) => [`${row.topic}/${row.partition}`, Number(row.position)]));
    return ends.every(
      ({ topic, partition, low, high }) =>
        high === low || (positions.get(`${topic}/${partition}`) ?? -1) >= high - 1,
    );
  });
}

/** Nothing is asked and everything is worked off when `work` begins. */
export async function whileQuiet(
  cluster: ClusterArena,
  { workload }: Arena,
  work: () => Promise<void>,
): Promise<void> {
  await workload.pause();
  try {
    for (const worker of WORKERS) await untilDrained(cluster, worker);
    await work();
  } finally {
    workload.resume();
  }
}

/** The group has worked off the events of the last change of each of these memories. */
export async function untilProjected(
  cluster: ClusterArena,
  worker: Worker,
  places: readonly Place[],
): Promise<void> {
  const values = [worker, places.map(({ namespace }) => namespace), places.map(({ key }) => key)];
  await until(`${worker} to have worked off ${places.length} memories`, LIMIT_MS, async () => {
    const [row] = await cluster.sql<{ behind: number }>(BEHIND, values);
    return row?.behind === 0;
  });
}

/** A revision is the log's generation × 2^40 + the position of the command. */
const BEHIND = `
  select count(*)::int as behind
  from memories
  left join progress on group_name = $1 and topic = 'memory.events' and progress.partition = memories.partition
  where (namespace, key) in (select * from unnest($2::text[], $3::text[]))
    and coalesce(command_position, -1) < revision % (1::bigint << 40)`;

const POSITIONS = 'select topic, partition, position from progress where group_name = $1';

/** Postgres takes statements again. */
export async function untilSql({ sql }: Pick<ClusterArena | StandaloneArena, 'sql'>): Promise<void> {
  await until('Postgres to answer', LIMIT_MS, () =>
    sql('select 1').then(
      () => true,
      () => false,
    ),
  );
}
