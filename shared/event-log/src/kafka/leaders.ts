import type { Broker, Cluster, ITopicMetadata, PartitionMetadata } from 'kafkajs';
import { SomaError } from '@soma/memory';
import type { Client } from './client.js';
import { whileSpreading } from './spreading.js';

/** Metadata is asked for at most this often. */
const REFRESH_MS = 100;

/**
 * kafkajs's low-level cluster, with connections of its own. kafkajs hands it to custom partition assigners, which is
 * the one way to it in its public types; the consumer made here is never connected. It is needed for two things that
 * kafkajs has no call for: reading one record by its offset, and producing to one leader without waiting for others.
 */
export function openCluster({ kafka, sockets }: Client): Cluster {
  let opened: Cluster | undefined;
  const consumer = kafka.consumer({
    groupId: 'never-joined',
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        opened = cluster;
        return { name: 'none', version: 0, assign: () => Promise.resolve([]), protocol: noProtocol };
      },
    ],
  });
  sockets.watch(consumer);
  if (opened === undefined) throw new SomaError('internal', 'kafkajs gave its partition assigner no cluster');
  return opened;
}

function noProtocol(): { name: string; metadata: Buffer } {
  return { name: 'none', metadata: Buffer.alloc(0) };
}

/** Who leads which partition, as last heard; asking anew never stands in the way of a send to another leader. */
export class Leaders {
  readonly #cluster: Cluster;
  readonly #topics: string[];
  #leaders = new Map<string, number>();
  #refreshing: Promise<void> | undefined;

  constructor(cluster: Cluster, topics: string[]) {
    this.#cluster = cluster;
    this.#topics = topics;
  }

  async start(): Promise<void> {
    await this.#cluster.connect();
    await whileSpreading(() => this.#cluster.addMultipleTargetTopics(this.#topics));
    this.#learn(
      this.#topics.map((topic) => ({ topic, partitions: this.#cluster.findTopicPartitionMetadata(topic) })),
    );
  }

  /** Undefined while the partition has no leader, as far as is known. */
  leaderOf(topic: string, partition: number): number | undefined {
    return this.#leaders.get(`${topic}/${partition}`);
  }

  async brokerOf(topic: string, partition: number): Promise<Broker> {
    const leader = this.leaderOf(topic, partition);
    if (leader === undefined)
      throw new SomaError('event_log_unavailable', `${topic}/${partition} has no leader`);
    return this.broker(leader);
  }

  broker(nodeId: number): Promise<Broker> {
    return this.#cluster.findBroker({ nodeId: String(nodeId) });
  }

  /** Asks again; several callers share one question. Never rejects: what is known stays until something newer is. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#ask()
      .catch(() => undefined)
      .then(() => {
        setTimeout(() => (this.#refreshing = undefined), REFRESH_MS).unref();
      });
    return this.#refreshing;
  }

  /** All brokers at once, and the first answer counts: one that hangs must not keep the others' from being heard. */
  async #ask(): Promise<void> {
    const nodes = this.#cluster.getNodeIds().map(Number);
    const answers = nodes.map(async (node) => (await this.broker(node)).metadata(this.#topics));
    const metadata = await Promise.any(answers);
    this.#learn(
      metadata.topicMetadata.map(({ topic, partitionMetadata }) => ({
        topic,
        partitions: partitionMetadata,
      })),
    );
    const known = new Set(nodes);
    if (metadata.brokers.some(({ nodeId }) => !known.has(nodeId))) await this.#cluster.refreshMetadata();
  }

  #learn(topics: { topic: ITopicMetadata['name']; partitions: PartitionMetadata[] }[]): void {
    const leaders = topics.flatMap(({ topic, partitions }) =>
      partitions
        .filter(({ leader }) => leader >= 0)
        .map(({ partitionId, leader }): [string, number] => [`${topic}/${partitionId}`, leader]),
    );
    this.#leaders = new Map(leaders);
  }
}
