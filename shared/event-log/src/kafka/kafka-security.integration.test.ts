import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect, promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TOPICS } from '@soma/events';
import { freePort, startKafka, startOptional, type RunningKafka } from '@soma/testing';
import kafkajs from 'kafkajs';
import { appendTexts, eventually, Reader } from '../contract/fixture.js';
import type { Logger } from '../log-options.js';
import type { EventLog } from '../port.js';
import { createKafkaLog, type KafkaLogConfig, type OAuthLogin } from './index.js';
import { startTokenIssuer, type TokenIssuer } from './test/token-issuer.js';

const exec = promisify(execFile);
const START_MS = 200_000;
const TEST_MS = 60_000;
const PASSWORD = 'pass-of-soma';
const WRONG = 'not-the-password';
type Mechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';
/** Kafka ends connections when their token ends, so within a test. */
const TOKEN_SECONDS = 16;
const JAAS = 'org.apache.kafka.common.security';

interface Certificate {
  ca: string;
  key: string;
  file: string;
  /** Both. */
  keystore: string;
}

/** A certificate that is its own authority, in the form of Kafka's PEM keystores. */
async function makeCertificate(folder: string, name: string): Promise<Certificate> {
  const [key, certificate, keystore] = ['key', 'crt', 'pem'].map((end) => join(folder, `${name}.${end}`)) as [
    string,
    string,
    string,
  ];
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const files = ['-keyout', key, '-out', certificate];
  await exec('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject]);
  const ca = await readFile(certificate, 'utf8');
  const keyText = await readFile(key, 'utf8');
  await writeFile(keystore, `${keyText}${ca}`);
  return { ca, key: keyText, file: certificate, keystore };
}

describe('a Kafka that wants TLS and a login', () => {
  let kafka: RunningKafka | undefined;
  let folder: string;
  let ca: string;
  let other: Certificate;
  /** Brokers want a certificate of their clients, too. */
  let own: { cert: string; key: string };
  let broker: string;
  let issuer: TokenIssuer;
  const open: EventLog[] = [];
  const lines: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soma-kafka-tls-'));
    issuer = await startTokenIssuer({ clientId: 'soma', clientSecret: PASSWORD, lifeSeconds: TOKEN_SECONDS });
    const port = await freePort();
    broker = `127.0.0.1:${port}`;
    kafka = await startOptional('kafka', 'java or openssl', async () => {
      const brokers = await makeCertificate(folder, 'broker');
      const client = await makeCertificate(folder, 'client');
      ca = brokers.ca;
      own = { cert: client.ca, key: client.key };
      other = await makeCertificate(folder, 'other');
      return startKafka({
        securedPorts: [port],
        scramUsers: [
          `SCRAM-SHA-256=[name=soma,password=${PASSWORD}]`,
          `SCRAM-SHA-512=[name=soma,password=${PASSWORD}]`,
        ],
        settings: {
          'listener.name.secured.ssl.keystore.type': 'PEM',
          'listener.name.secured.ssl.keystore.location': brokers.keystore,
          'listener.name.secured.ssl.client.auth': 'required',
          'listener.name.secured.ssl.truststore.type': 'PEM',
          'listener.name.secured.ssl.truststore.location': client.file,
          'listener.name.secured.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
          'listener.name.secured.plain.sasl.jaas.config': `${JAAS}.plain.PlainLoginModule required user_soma="${PASSWORD}";`,
          'listener.name.secured.scram-sha-256.sasl.jaas.config': `${JAAS}.scram.ScramLoginModule required;`,
          'listener.name.secured.scram-sha-512.sasl.jaas.config': `${JAAS}.scram.ScramLoginModule required;`,
          'listener.name.secured.oauthbearer.sasl.jaas.config': `${JAAS}.oauthbearer.OAuthBearerLoginModule required;`,
          'listener.name.secured.oauthbearer.sasl.server.callback.handler.class': `${JAAS}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
          'sasl.oauthbearer.jwks.endpoint.url': issuer.jwksUrl,
          'sasl.oauthbearer.expected.audience': 'kafka',
          'sasl.oauthbearer.jwt.validator.class': `${JAAS}.oauthbearer.BrokerJwtValidator`,
          'listener.name.secured.oauthbearer.connections.max.reauth.ms': '3600000',
        },
        javaOptions: [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${issuer.jwksUrl}`],
      });
    });
  }, START_MS);

  afterAll(async () => {
    await Promise.all(open.map((log) => log.close()));
    await kafka?.stop();
    await issuer.stop();
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

  const tls = () => ({ rejectUnauthorized: true, ca, ...own });
  const login = (mechanism: Mechanism, password: string) =>
    ({ mechanism, username: 'soma', password }) as NonNullable<KafkaLogConfig['sasl']>;

  test.each<Mechanism>(['plain', 'scram-sha-256', 'scram-sha-512'])(
    'lets in by %s over TLS; topics and groups have their prefixes',
    async (mechanism) => {
      if (kafka === undefined) return;
      const log = connect({ ssl: tls(), sasl: login(mechanism, PASSWORD) }, mechanism);
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
      const log = connect({ ssl: tls(), sasl: login(mechanism, WRONG) }, 'refused');
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
      const ssl = { ...tls(), ca: other.ca };
      await expect(
        connect({ ssl, sasl: login('scram-sha-512', PASSWORD) }, 'other').start(),
      ).rejects.toMatchObject({
        code: 'event_log_unavailable',
        message: expect.stringContaining('SOMA_KAFKA_TLS_CA_PATH'),
      });
    },
    TEST_MS,
  );

  test(
    'who shows no certificate, or one of another authority, is not let in',
    async () => {
      if (kafka === undefined) return;
      for (const shown of [{}, { cert: other.ca, key: other.key }]) {
        const security = {
          ssl: { rejectUnauthorized: true, ca, ...shown },
          sasl: login('scram-sha-512', PASSWORD),
        };
        await expect(connect(security, 'unshown').start()).rejects.toMatchObject({
          code: 'event_log_unavailable',
          message: expect.stringContaining('SOMA_KAFKA_TLS_CERT_PATH'),
        });
      }
    },
    TEST_MS,
  );

  describe('by OAuth', () => {
    const oauth = (more: Partial<OAuthLogin> = {}): Pick<KafkaLogConfig, 'ssl' | 'sasl'> => ({
      ssl: tls(),
      sasl: {
        mechanism: 'oauthbearer',
        tokenUrl: issuer.tokenUrl,
        clientId: 'soma',
        clientSecret: PASSWORD,
        scope: 'kafka',
        extensions: { logicalCluster: 'one', pool: 'two' },
        ...more,
      },
    });

    test(
      'lets in, and goes on with a new token before the former ends',
      async () => {
        if (kafka === undefined) return;
        const log = connect(oauth(), 'oauth');
        await log.start();
        const reader = new Reader('readers');
        await reader.start(log, [TOPICS.memoryCommands]);
        const until = Date.now() + 1.5 * TOKEN_SECONDS * 1000;
        const sent: string[] = [];
        while (Date.now() < until) {
          sent.push(String(sent.length));
          await appendTexts(log, { topic: TOPICS.memoryCommands, partition: 1 }, sent.slice(-1));
          await delay(500);
        }
        await eventually('all records', () => reader.texts(1).length === sent.length);
        expect(reader.texts(1)).toEqual(sent);
        expect(issuer.issued.length).toBeGreaterThan(1);
        await reader.consumer?.stop();
      },
      TEST_MS + 2 * TOKEN_SECONDS * 1000,
    );

    test.each<[what: string, told: string, login: () => Partial<OAuthLogin>]>([
      ['a wrong secret', 'invalid_client', () => ({ clientSecret: WRONG })],
      ['nobody at the token endpoint', 'does not answer', () => ({ tokenUrl: 'http://127.0.0.1:1/token' })],
      ['no token endpoint there', 'is no OAuth 2.0', () => ({ tokenUrl: issuer.jwksUrl })],
      ['a token for others', 'Kafka refuses the token', () => ({ scope: 'others' })],
    ])(
      '%s is told by the names of settings',
      async (_, told, login) => {
        if (kafka === undefined) return;
        const error: unknown = await connect(oauth(login()), 'refused')
          .start()
          .catch((reason: unknown) => reason);
        expect(error).toMatchObject({
          code: 'event_log_unavailable',
          message: expect.stringMatching(new RegExp(`${told}.*SOMA_KAFKA|SOMA_KAFKA.*${told}`)),
        });
        lines.push(inspect(error, { depth: 10 }));
      },
      TEST_MS,
    );
  });

  test('nothing of all that was logged has a password or a token', () => {
    const logged = lines.join('\n');
    expect(issuer.issued.length).toBeGreaterThan(2);
    for (const secret of [PASSWORD, WRONG, ...issuer.issued]) {
      expect(logged).not.toContain(secret);
      expect(logged).not.toContain(Buffer.from(secret).toString('base64'));
    }
  });
});
