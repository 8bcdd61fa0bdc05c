import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TOPICS } from '@soma/events';
import { freePort, startKafka, startOptional, type RunningKafka } from '@soma/testing';
import kafkajs from 'kafkajs';
import { appendTexts, eventually, Reader } from '../contract/fixture.js';
import type { Logger } from '../log-options.js';
import type { EventLog } from '../port.js';
import { createKafkaLog, type KafkaLogConfig } from './index.js';

const exec = promisify(execFile);
const START_MS = 200_000;
const TEST_MS = 60_000;
const PASSWORD = 'pass-of-soma';
const WRONG = 'not-the-password';
type Mechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';
const JAAS = 'org.apache.kafka.common.security';

/** A certificate that is its own authority, in the form of Kafka's PEM keystores. */
async function makeCertificate(folder: string, name: string): Promise<{ ca: string; keystore: string }> {
  const [key, certificate, keystore] = ['key', 'crt', 'pem'].map((end) => join(folder, `${name}.${end}`)) as [
    string,
    string,
    string,
  ];
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const files = ['-keyout', key, '-out', certificate];
  await exec('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject]);
  const ca = await readFile(certificate, 'utf8');
  await writeFile(keystore, `${await readFile(key, 'utf8')}${ca}`);
  return { ca, keystore };
}

describe('a Kafka that wants TLS and a login', () => {
  let kafka: RunningKafka | undefined;
  let folder: string;
  let ca: string;
  let otherCa: string;
  let broker: string;
  const open: EventLog[] = [];
  const lines: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soma-kafka-tls-'));
    const port = await freePort();
    broker = `127.0.0.1:${port}`;
    kafka = await startOptional('kafka', 'java or openssl', async () => {
      const own = await makeCertificate(folder, 'broker');
      ca = own.ca;
      otherCa = (await makeCertificate(folder, 'other')).ca;
      return startKafka({
        securedPorts: [port],
        scramUsers: [
          `SCRAM-SHA-256=[name=soma,password=${PASSWORD}]`,
          `SCRAM-SHA-512=[name=soma,password=${PASSWORD}]`,
        ],
        settings: {
          'listener.name.secured.ssl.keystore.type': 'PEM',
          'listener.name.secured.ssl.keystore.location': own.keystore,
          'listener.name.secured.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
          'listener.name.secured.plain.sasl.jaas.config': `${JAAS}.plain.PlainLoginModule required user_soma="${PASSWORD}";`,
          'listener.name.secured.scram-sha-256.sasl.jaas.config': `${JAAS}.scram.ScramLoginModule required;`,
          'listener.name.secured.scram-sha-512.sasl.jaas.config': `${JAAS}.scram.ScramLoginModule required;`,
        },
      });
    });
  }, START_MS);

  afterAll(async () => {
    await Promise.all(open.map((log) => log.close()));
    await kafka?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function connect(security: Pick<KafkaLogConfig, 'ssl' | 'sasl'>, name: string): EventLog {
    const note = (fields: object, message: string): void => {
      lines.push(`${inspect(fields, { depth: 10 })} ${message}`);
    };
    const logger: Logger = { debug: note, info: note, warn: note, error: note };
    const log = createKafkaLog({
      brokers: [broker],
      clientId: 'test',
      topicPrefix: `${name}.`,
      groupPrefix: `group-of-${name}.`,
      partitions: 2,
      singleBroker: true,
      logger,
      ...security,
    });
    open.push(log);
    return log;
  }

  const login = (mechanism: Mechanism, password: string) =>
    ({ mechanism, username: 'soma', password }) as NonNullable<KafkaLogConfig['sasl']>;

  test.each<Mechanism>(['plain', 'scram-sha-256', 'scram-sha-512'])(
    'lets in by %s over TLS; topics and groups have their prefixes',
    async (mechanism) => {
      if (kafka === undefined) return;
      const log = connect(
        { ssl: { rejectUnauthorized: true, ca }, sasl: login(mechanism, PASSWORD) },
        mechanism,
      );
      await log.start();
      const reader = new Reader('readers');
      await reader.start(log, [TOPICS.memoryCommands]);
      await appendTexts(log, { topic: TOPICS.memoryCommands, partition: 1 }, ['one', 'two']);
      await eventually('both records', () => reader.texts(1).length === 2);
      expect(reader.texts(1)).toEqual(['one', 'two']);
      await reader.consumer?.stop();
      const admin = new kafkajs.Kafka({ brokers: kafka.brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
      const [topics, { groups }] = await Promise.all([admin.listTopics(), admin.listGroups()]);
      await admin.disconnect();
      for (const topic of Object.values(TOPICS)) expect(topics).toContain(`${mechanism}.${topic}`);
      expect(groups.map(({ groupId }) => groupId)).toContain(`group-of-${mechanism}.readers`);
    },
    TEST_MS,
  );

  test.each<Mechanism>(['plain', 'scram-sha-512'])(
    'a wrong password by %s is told by the names of settings, without the password',
    async (mechanism) => {
      if (kafka === undefined) return;
      const log = connect(
        { ssl: { rejectUnauthorized: true, ca }, sasl: login(mechanism, WRONG) },
        'refused',
      );
      await expect(log.start()).rejects.toMatchObject({
        code: 'event_log_unavailable',
        message: expect.stringContaining('SOMA_KAFKA_SASL_PASSWORD'),
      });
      expect(lines.length).toBeGreaterThan(0);
    },
    TEST_MS,
  );

  test(
    'a certificate of another authority is refused, and the setting named',
    async () => {
      if (kafka === undefined) return;
      const tls = { rejectUnauthorized: true, ca: otherCa };
      await expect(
        connect({ ssl: tls, sasl: login('scram-sha-512', PASSWORD) }, 'other').start(),
      ).rejects.toMatchObject({
        code: 'event_log_unavailable',
        message: expect.stringContaining('SOMA_KAFKA_TLS_CA_PATH'),
      });
    },
    TEST_MS,
  );

  test('nothing of all that was logged has a password', () => {
    const logged = lines.join('\n');
    for (const secret of [PASSWORD, WRONG]) {
      expect(logged).not.toContain(secret);
      expect(logged).not.toContain(Buffer.from(secret).toString('base64'));
    }
  });
});
