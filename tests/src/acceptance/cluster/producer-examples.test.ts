import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { partitionOf, recordKey, TOPICS } from '@soma/events';
import { kafkaJars, pythonEnvironment, startOptional } from '@soma/testing';
import kafkajs from 'kafkajs';
import { ROOT, until } from '../../system/index.js';
import { Client } from '../client.js';

const exec = promisify(execFile);
const EXAMPLES = join(ROOT, 'schemas', 'examples');
const TIMEOUT_MS = 120_000;
const brokers = process.env['SOMA_ACCEPTANCE_KAFKA'] ?? '';
const settings = JSON.parse(process.env['SOMA_ACCEPTANCE_SETTINGS'] ?? '{}') as Record<string, string>;

/** What each example prints. */
interface Sent {
  command_id: string;
  partition: number;
}

async function runExample(program: string, line: string[], cwd = EXAMPLES): Promise<Sent> {
  const { stdout } = await exec(program, line, { cwd, timeout: TIMEOUT_MS });
  return JSON.parse(stdout) as Sent;
}

describe('the examples of schemas/examples', () => {
  let python: string | undefined;
  let partitions: number;

  beforeAll(async () => {
    const bin = await startOptional('python', 'python3 (or confluent-kafka, from PyPI)', () =>
      pythonEnvironment('producer-examples', join(EXAMPLES, 'requirements.txt')),
    );
    python = bin === undefined ? undefined : join(bin, 'python');
    const kafka = new kafkajs.Kafka({ brokers: brokers.split(','), logLevel: kafkajs.logLevel.NOTHING });
    const admin = kafka.admin();
    const { topics } = await admin.fetchTopicMetadata({ topics: [TOPICS.memoryCommands] });
    await admin.disconnect();
    partitions = topics[0]?.partitions.length ?? 0;
  }, TIMEOUT_MS);

  /** In its own partition, so the writer redirects nothing, and with an outcome that one may ask for. */
  async function expectStored(client: Client, coord: string, sent: Sent, text: string): Promise<void> {
    const memory = await until(`${coord} to be stored`, 30_000, async () => {
      const { status, body } = await client.get(coord);
      return status === 200 ? body.memory : undefined;
    });
    expect(memory).toMatchObject({ version: 1, payload: { text } });
    expect(sent.partition).toBe(partitionOf(recordKey(client.namespace, coord), partitions));
    const operation = await client.call('GET', `/operations/${sent.command_id}`);
    expect(operation).toMatchObject({
      status: 200,
      body: { status: expect.stringMatching(/^(stored|indexed)$/) },
    });
  }

  test(
    'Python stores by JSON, into the partition of the canonical coord',
    async () => {
      if (python === undefined) return;
      const client = new Client();
      const line = ['store_json.py', brokers, client.namespace, '42.50,-0', 'Grüner Tee'];
      await expectStored(client, '42.5,0', await runExample(python, line), 'Grüner Tee');
    },
    TIMEOUT_MS,
  );

  test(
    'Python stores by Avro, with the schema that the registry has',
    async () => {
      if (python === undefined) return;
      const client = new Client();
      // The services register a schema when they first write with it.
      await client.put('first', { payload: { text: 'by HTTP' } });
      const registry = settings['SOMA_SCHEMA_REGISTRY_URL'] ?? '';
      const line = ['store_avro.py', brokers, registry, client.namespace, '1.0', 'by Avro'];
      await expectStored(client, '1', await runExample(python, line), 'by Avro');
    },
    TIMEOUT_MS,
  );

  test(
    'a shell stores by JSON, with kcat',
    async () => {
      if ((await startOptional('kcat', 'kcat', () => exec('kcat', ['-V']))) === undefined) return;
      const client = new Client();
      const text = 'It\'s "tea"';
      const line = ['store_json.sh', brokers, client.namespace, 'from:sh', text];
      const { command_id } = await runExample('sh', line);
      // kcat does not tell where it went, but shows it.
      const consume = ['-C', '-b', brokers, '-t', TOPICS.memoryCommands, '-e', '-f', '%p %k\n'];
      const { stdout } = await exec('kcat', consume);
      const key = recordKey(client.namespace, 'from:sh');
      const record = stdout.split('\n').find((one) => one.endsWith(` ${key}`));
      const sent = { command_id, partition: Number.parseInt(record ?? '', 10) };
      await expectStored(client, 'from:sh', sent, text);
    },
    TIMEOUT_MS,
  );

  test(
    'Go stores by JSON',
    async () => {
      if ((await startOptional('go', 'go', () => exec('go', ['version']))) === undefined) return;
      const client = new Client();
      const line = ['run', '.', brokers, client.namespace, 'from:go', 'Sent from Go'];
      const sent = await runExample('go', line, join(EXAMPLES, 'go'));
      await expectStored(client, 'from:go', sent, 'Sent from Go');
    },
    TIMEOUT_MS,
  );

  test(
    "Java stores by JSON, with the partitioner of Kafka's own client",
    async () => {
      const client = new Client();
      const line = [
        '-cp',
        `${await kafkaJars()}/*`,
        'StoreJson.java',
        brokers,
        client.namespace,
        'from:java',
      ];
      await expectStored(client, 'from:java', await runExample('java', line), 'Sent from Java');
    },
    TIMEOUT_MS,
  );
});
