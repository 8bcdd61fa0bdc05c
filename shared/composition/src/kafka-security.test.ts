import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { kafkaSettings, loadSettings } from '@soma/service';
import { z } from 'zod';
import { kafkaSecurity } from './kafka-security.js';

const read = (env: Record<string, string>) =>
  kafkaSecurity(loadSettings(z.object(kafkaSettings), { SOMA_KAFKA_BROKERS: 'kafka:9092', ...env }));

const LOGIN = { SOMA_KAFKA_SASL_USERNAME: 'soma', SOMA_KAFKA_SASL_PASSWORD: 'hidden-word' };

describe('the security of Kafka by settings', () => {
  let folder: string;
  let file: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'soma-tls-'));
    file = join(folder, 'some.pem');
    writeFileSync(file, 'what the file holds');
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('is none unless set', () => {
    expect(read({})).toEqual({});
  });

  test('verifies brokers with TLS, by the files named', () => {
    expect(read({ SOMA_KAFKA_TLS: '1' })).toEqual({ ssl: { rejectUnauthorized: true } });
    const paths = {
      SOMA_KAFKA_TLS_CA_PATH: file,
      SOMA_KAFKA_TLS_CERT_PATH: file,
      SOMA_KAFKA_TLS_KEY_PATH: file,
    };
    const text = 'what the file holds';
    expect(read({ SOMA_KAFKA_TLS: '1', ...paths })).toEqual({
      ssl: { rejectUnauthorized: true, ca: text, cert: text, key: text },
    });
  });

  test('logs in, with a password that may stand in a file', () => {
    expect(read({ SOMA_KAFKA_SASL_MECHANISM: 'scram-sha-512', ...LOGIN })).toEqual({
      sasl: { mechanism: 'scram-sha-512', username: 'soma', password: 'hidden-word' },
    });
    const { SOMA_KAFKA_SASL_USERNAME } = LOGIN;
    const plain = { SOMA_KAFKA_TLS: '1', SOMA_KAFKA_SASL_MECHANISM: 'plain', SOMA_KAFKA_SASL_USERNAME };
    expect(read({ ...plain, SOMA_KAFKA_SASL_PASSWORD_FILE: file }).sasl).toEqual({
      mechanism: 'plain',
      username: 'soma',
      password: 'what the file holds',
    });
  });

  test('fetches tokens where it is told to', () => {
    const oauth = {
      SOMA_KAFKA_TLS: '1',
      SOMA_KAFKA_SASL_MECHANISM: 'oauthbearer',
      SOMA_KAFKA_OAUTH_TOKEN_URL: 'https://login.example.com/token',
    };
    const login = {
      mechanism: 'oauthbearer',
      tokenUrl: 'https://login.example.com/token',
      clientId: 'soma',
      clientSecret: 'hidden-word',
    };
    expect(read({ ...oauth, ...LOGIN }).sasl).toEqual({ ...login, extensions: {} });
    const more = {
      SOMA_KAFKA_OAUTH_SCOPE: 'kafka',
      SOMA_KAFKA_OAUTH_EXTENSIONS: 'logicalCluster=lkc-1, identityPoolId=pool-2=b',
    };
    expect(read({ ...oauth, ...LOGIN, ...more }).sasl).toEqual({
      ...login,
      scope: 'kafka',
      extensions: { logicalCluster: 'lkc-1', identityPoolId: 'pool-2=b' },
    });
  });

  const OAUTH = { ...LOGIN, SOMA_KAFKA_TLS: '1', SOMA_KAFKA_SASL_MECHANISM: 'oauthbearer' };
  const TOKEN_URL = { SOMA_KAFKA_OAUTH_TOKEN_URL: 'https://login.example.com/token' };
  test.each<[problem: string, env: Record<string, string>]>([
    ['SOMA_KAFKA_SASL_MECHANISM=oauthbearer needs SOMA_KAFKA_OAUTH_TOKEN_URL', OAUTH],
    [
      'SOMA_KAFKA_SASL_MECHANISM=oauthbearer would send the token in the clear: set SOMA_KAFKA_TLS=1',
      { ...OAUTH, ...TOKEN_URL, SOMA_KAFKA_TLS: '0' },
    ],
    [
      'SOMA_KAFKA_OAUTH_TOKEN_URL would send the password in the clear: it has to begin with https://',
      { ...OAUTH, SOMA_KAFKA_OAUTH_TOKEN_URL: 'http://login.example.com/token' },
    ],
    ...['auth=mine', 'pool', 'a b=c', 'a='].map((extensions): [string, Record<string, string>] => [
      'SOMA_KAFKA_OAUTH_EXTENSIONS has to be of the form name=value,name=value, names in letters',
      { ...OAUTH, ...TOKEN_URL, SOMA_KAFKA_OAUTH_EXTENSIONS: extensions },
    ]),
    [
      'SOMA_KAFKA_TLS_CA_PATH is set, but SOMA_KAFKA_TLS is not',
      { SOMA_KAFKA_TLS_CA_PATH: '/nowhere/ca.pem' },
    ],
    [
      'the file that SOMA_KAFKA_TLS_CA_PATH names cannot be read (ENOENT)',
      { SOMA_KAFKA_TLS: '1', SOMA_KAFKA_TLS_CA_PATH: '/nowhere/ca.pem' },
    ],
    [
      'SOMA_KAFKA_TLS_KEY_PATH is set, but SOMA_KAFKA_TLS_CERT_PATH is not',
      { SOMA_KAFKA_TLS: '1', SOMA_KAFKA_TLS_KEY_PATH: '/nowhere/key.pem' },
    ],
    [
      'SOMA_KAFKA_SASL_PASSWORD is set, but SOMA_KAFKA_SASL_USERNAME is not',
      { SOMA_KAFKA_SASL_PASSWORD: 'hidden-word' },
    ],
    ['SOMA_KAFKA_SASL_USERNAME is set, but SOMA_KAFKA_SASL_MECHANISM is not', LOGIN],
    [
      'SOMA_KAFKA_SASL_MECHANISM needs SOMA_KAFKA_SASL_USERNAME and SOMA_KAFKA_SASL_PASSWORD',
      { SOMA_KAFKA_SASL_MECHANISM: 'scram-sha-256' },
    ],
    [
      'SOMA_KAFKA_SASL_MECHANISM=plain would send the password in the clear: set SOMA_KAFKA_TLS=1',
      { SOMA_KAFKA_SASL_MECHANISM: 'plain', ...LOGIN },
    ],
  ])('refuses to start: %s', (problem, env) => {
    expect(() => read(env)).toThrow(
      expect.objectContaining({ code: 'invalid_configuration', message: problem }),
    );
  });
});
