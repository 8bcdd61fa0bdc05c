import { TOPICS } from '@soma/events';
import { until } from '../../system/index.js';
import type { Arena, ClusterArena, Fault } from '../fault.js';
import { LIMIT_MS, writesGoOn } from './conditions.js';
import { clusterFault } from './for-profile.js';

interface PartitionMetadata {
  topic: string;
  partitionId: number;
  leader: number;
  isr: number[];
  replicas: number[];
}

const ALL_TOPICS = Object.values(TOPICS);

type Choice = (cluster: ClusterArena, arena: Arena) => Promise<number>;

const any: Choice = (cluster, { random }) =>
  Promise.resolve(random.whole(0, cluster.stores.kafka.brokers.length - 1));

/** The leader of one partition of memory.commands. */
const leader: Choice = async (cluster, { random }) => {
  const partitions = await partitionsOf(cluster, [TOPICS.memoryCommands]);
  return random.pick(partitions).leader - 1;
};

/** Who knows the writer's group: where the coordinator of a group is, is a matter of the hash of its name. */
const coordinator: Choice = async (cluster) => {
  const partitions = await partitionsOf(cluster, ['__consumer_offsets']);
  const wanted = Math.abs(javaHash('writer')) % partitions.length;
  return (partitions.find(({ partitionId }) => partitionId === wanted)?.leader ?? 1) - 1;
};

/** String.hashCode of Java. */
function javaHash(text: string): number {
  let hash = 0;
  for (const character of text) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) | 0;
  return hash;
}

async function partitionsOf(cluster: ClusterArena, topics: string[]): Promise<PartitionMetadata[]> {
  const metadata = await cluster.kafkaAdmin((admin) => admin.fetchTopicMetadata({ topics }));
  return metadata.topics.flatMap(({ name, partitions }) =>
    partitions.map((partition) => ({ ...partition, topic: name })),
  );
}

export async function untilLeaderless(cluster: ClusterArena, broker: number): Promise<void> {
  await untilPartitions(
    cluster,
    `broker ${broker + 1} to lead nothing`,
    ({ leader }) => leader !== broker + 1 && leader > 0,
  );
}

/** Every replica follows again: the next loss of a broker finds the others complete. */
export async function untilInSync(cluster: ClusterArena): Promise<void> {
  await untilPartitions(
    cluster,
    'all replicas to be in sync',
    ({ isr, replicas }) => isr.length === replicas.length,
  );
}

/** @throws with what the brokers said last of the partitions for which it does not hold */
async function untilPartitions(
  cluster: ClusterArena,
  what: string,
  holds: (partition: PartitionMetadata) => boolean,
): Promise<void> {
  let last = 'no broker was asked';
  const attempt = async (): Promise<boolean> => {
    const partitions = await partitionsOf(cluster, ALL_TOPICS).catch((error: unknown) => {
      last = String(error);
      return undefined;
    });
    const open = partitions?.filter((partition) => !holds(partition));
    if (open !== undefined) last = open.map(describePartition).join('; ');
    return open?.length === 0;
  };
  await until(what, LIMIT_MS, attempt).catch(async (error: unknown) => {
    const ended = await cluster.stores.kafka.ended();
    throw new Error([`${(error as Error).message}: ${last}`, ...ended].join('\n'), { cause: error });
  });
}

function describePartition({ topic, partitionId, leader, isr }: PartitionMetadata): string {
  return `${topic}/${partitionId} led by ${leader}, in sync ${isr.join(',')}`;
}

function killed(name: string, title: string, choice: Choice): Fault {
  return clusterFault({
    name,
    title,
    run: async (cluster, arena) => {
      const { kafka } = cluster.stores;
      const broker = await choice(cluster, arena);
      arena.say(`kill -9 of broker ${broker + 1}`);
      await kafka.kill(broker);
      try {
        await untilLeaderless(cluster, broker);
        arena.say('others lead');
        await writesGoOn(arena);
        arena.say('writes go on');
      } finally {
        await kafka.restart(broker);
      }
      arena.healed();
      await untilInSync(cluster);
    },
  });
}

function halted(name: string, title: string, choice: Choice): Fault {
  return clusterFault({
    name,
    title,
    run: async (cluster, arena) => {
      const { kafka } = cluster.stores;
      const broker = await choice(cluster, arena);
      arena.say(`SIGSTOP of broker ${broker + 1}`);
      kafka.pause(broker);
      try {
        await untilLeaderless(cluster, broker);
        arena.say('others lead');
        await writesGoOn(arena);
        arena.say('writes go on');
      } finally {
        kafka.resume(broker);
      }
      arena.healed();
      await untilInSync(cluster);
    },
  });
}

export const BROKERS: readonly Fault[] = [
  killed('broker-killed', 'kill -9 of a broker', any),
  killed('leader-killed', 'kill -9 of the leader of a partition of the commands', leader),
  killed('coordinator-killed', "kill -9 of the broker that knows the writer's group", coordinator),
  halted('broker-halted', 'a broker stands still (SIGSTOP) until the others take over, then goes on', any),
  halted('leader-halted', 'the leader of a partition stands still (SIGSTOP), then goes on', leader),
  clusterFault({
    name: 'all-brokers-killed',
    title: 'kill -9 of all brokers at once',
    run: async (cluster, arena) => {
      const { kafka } = cluster.stores;
      const brokers = [...kafka.brokers.keys()];
      await Promise.all(brokers.map((broker) => kafka.kill(broker)));
      // Nothing can be acknowledged now.
      await arena.workload.acknowledgedMore(1, 5_000);
      await Promise.all(brokers.map((broker) => kafka.restart(broker)));
      arena.healed();
      await untilInSync(cluster);
    },
  }),
];
