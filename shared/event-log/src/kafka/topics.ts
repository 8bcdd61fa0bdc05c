import { MAX_RECORD_BYTES, RETENTION_MS, SEGMENT_MS, type Topic, TOPICS } from '@soma/events';
import { SomaError } from '@soma/memory';
import kafkajs, { type Admin } from 'kafkajs';
import { SPREAD_TIMEOUT_MS, whileSpreading } from './spreading.js';

export interface TopicShape {
  partitions: number;
  replication: number;
  minInsyncReplicas: number;
  nameOf(topic: Topic): string;
}

/** Creates the topics that are missing and verifies every one. */
export async function createTopics(admin: Admin, shape: TopicShape): Promise<void> {
  const existing = new Set(await admin.listTopics());
  for (const topic of Object.values(TOPICS)) {
    if (!existing.has(shape.nameOf(topic))) await create(admin, topic, shape);
  }
  for (const topic of Object.values(TOPICS)) await whileSpreading(() => verify(admin, topic, shape));
}

function settingsOf(topic: Topic, { minInsyncReplicas }: TopicShape): Record<string, string> {
  return {
    'cleanup.policy': 'delete',
    // Producers elsewhere may compress in ways that kafkajs cannot read; so the broker undoes it.
    'compression.type': 'uncompressed',
    'max.message.bytes': String(MAX_RECORD_BYTES),
    'message.timestamp.type': 'LogAppendTime',
    'min.insync.replicas': String(minInsyncReplicas),
    'retention.ms': String(RETENTION_MS[topic]),
    'segment.ms': String(SEGMENT_MS),
  };
}

/** Another process that creates it at the same time does no harm. */
async function create(admin: Admin, topic: Topic, shape: TopicShape): Promise<void> {
  const configEntries = Object.entries(settingsOf(topic, shape)).map(([name, value]) => ({ name, value }));
  await admin.createTopics({
    topics: [
      {
        topic: shape.nameOf(topic),
        numPartitions: shape.partitions,
        replicationFactor: shape.replication,
        configEntries,
      },
    ],
    timeout: SPREAD_TIMEOUT_MS,
    // kafkajs waits on one broker, and gives up when that has not heard of the topic.
    waitForLeaders: false,
  });
}

async function verify(admin: Admin, topic: Topic, shape: TopicShape): Promise<void> {
  const name = shape.nameOf(topic);
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
  const partitions = topics.flatMap((found) => found.partitions);
  if (partitions.length !== shape.partitions) refuse(name, 'partitions', partitions.length, shape.partitions);
  const replication = Math.min(...partitions.map(({ replicas }) => replicas.length));
  if (replication < shape.replication)
    refuse(name, 'replication', replication, `at least ${shape.replication}`);
  const wanted = settingsOf(topic, shape);
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames: Object.keys(wanted) }],
  });
  const found = new Map(
    resources.flatMap(({ configEntries }) =>
      configEntries.map(({ configName, configValue }) => [configName, configValue]),
    ),
  );
  for (const [setting, value] of Object.entries(wanted)) {
    if (found.get(setting) !== value) refuse(name, setting, found.get(setting) ?? 'unknown', value);
  }
}

function refuse(topic: string, setting: string, found: string | number, wanted: string | number): never {
  throw new SomaError('invalid_configuration', `topic ${topic}: ${setting} is ${found}, wanted ${wanted}`);
}
