import { TOPICS } from '@soma/events';
import kafkajs from 'kafkajs';
import { readyStatus, SERVICES, until } from '../../system/index.js';
import type { Arena, ClusterArena, Fault } from '../fault.js';
import { readAll, writeAgain } from '../tools/kafka-records.js';
import { endsOf, LIMIT_MS, untilMembers, whileQuiet, writesGoOn } from './conditions.js';
import { clusterFault } from './for-profile.js';
import { terminated } from './groups.js';

const TOPIC = TOPICS.memoryCommands;
const ACCEPT = '/admin/log/accept';
const RAISE_GENERATION = 'update installation set log_generation = log_generation + 1';

/** The writer says that it cannot go on, instead of going on somewhere else. */
async function untilRefused(cluster: ClusterArena): Promise<void> {
  await until('the writer to refuse the log', LIMIT_MS, async () => {
    const { output, ended } = cluster.service('writer');
    if (ended || (await readyStatus(cluster.opsUrls['writer'] ?? '')) !== 503) return false;
    return (
      output.includes('log_replaced') ||
      output.includes('log_truncated') ||
      output.includes('partition halted')
    );
  });
}

/** What the documentation says to do: by the API where it offers that, else by hand and with all processes anew. */
async function accept(cluster: ClusterArena, arena: Arena): Promise<void> {
  if (await cluster.hasRoute('POST', ACCEPT)) {
    const answer = await fetch(`${cluster.url}${ACCEPT}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${cluster.token}`, 'content-type': 'application/json' },
      body: '{}',
    });
    if (!answer.ok) throw new Error(`${ACCEPT} answers ${answer.status}: ${await answer.text()}`);
    arena.say('the log was accepted by the API');
  } else {
    await cluster.sql(RAISE_GENERATION);
    for (const service of SERVICES) {
      await terminated(cluster.terminate(service), service).finally(() => {
        cluster.restart(service);
      });
    }
    arena.say('the log was accepted by hand');
  }
}

export const LOG_REPLACED: readonly Fault[] = [
  clusterFault({
    name: 'commands-topic-replaced',
    title: 'memory.commands is deleted and made anew: refused loudly, then accepted',
    arena: 'own',
    withoutExpiry: true,
    run: async (cluster, arena) => {
      // Everything acknowledged is in Postgres: what goes from the topic then is no loss.
      await whileQuiet(cluster, arena, async () => {
        await replaceTopic(cluster, (await endsOf(cluster, TOPIC)).length);
      });
      await untilRefused(cluster);
      await accept(cluster, arena);
      arena.healed();
      await cluster.untilReady();
      await writesGoOn(arena);
    },
  }),
  clusterFault({
    name: 'retention-passed-the-writer',
    title:
      'retention removes records before a writer that was out has read them: refused loudly, then accepted',
    arena: 'own',
    withoutExpiry: true,
    run: async (cluster, arena) => {
      await whileQuiet(cluster, arena, async () => {
        await terminated(cluster.terminate('writer'), 'writer');
        await untilMembers(cluster, 'writer', 0);
        await passRetention(cluster);
      });
      cluster.restart('writer');
      await untilRefused(cluster);
      await accept(cluster, arena);
      arena.healed();
      await cluster.untilReady();
      await writesGoOn(arena);
    },
  }),
];

/** Of copies of what was carried out long since, so that nothing is lost with them. */
async function passRetention(cluster: ClusterArena): Promise<void> {
  const { brokers } = cluster.stores.kafka;
  await writeAgain(brokers, TOPIC, await readAll(brokers, TOPIC));
  await cluster.kafkaAdmin(async (admin) => {
    // Also makes the client know the leaders, without which it deletes nothing.
    const ends = await admin.fetchTopicOffsets(TOPIC);
    const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
    await admin.deleteTopicRecords({ topic: TOPIC, partitions });
  });
}

async function replaceTopic(cluster: ClusterArena, partitions: number): Promise<void> {
  const configs = await cluster.kafkaAdmin((admin) =>
    admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: TOPIC }],
    }),
  );
  const configEntries = configs.resources
    .flatMap((resource) => resource.configEntries)
    .filter(({ configSource }) => configSource === kafkajs.ConfigSource.TOPIC_CONFIG)
    .map(({ configName: name, configValue: value }) => ({ name, value }));
  await cluster.kafkaAdmin((admin) => admin.deleteTopics({ topics: [TOPIC] }));
  await until('the topic to be gone', LIMIT_MS, () =>
    cluster.kafkaAdmin(async (admin) => !(await admin.listTopics()).includes(TOPIC)),
  );
  await cluster.kafkaAdmin((admin) =>
    admin.createTopics({
      topics: [{ topic: TOPIC, numPartitions: partitions, replicationFactor: 3, configEntries }],
      waitForLeaders: true,
    }),
  );
}
