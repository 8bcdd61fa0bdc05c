import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLogger } from '@soma/service';
import { eventually } from '@soma/testing';
import { v7 } from 'uuid';
import { FakeTokens } from '../test/fake-tokens.js';
import { digestOf } from './digest.js';
import { newSecret } from './new-secret.js';
import { TokenTable } from './token-table.js';

const logger = createLogger({ service: 'test', level: 'silent', format: 'json' });
const EVERY_MS = 5;

let tokens: FakeTokens;
let tables: TokenTable[];
beforeEach(() => {
  tokens = new FakeTokens();
  tables = [];
});
afterEach(() => Promise.all(tables.map((table) => table.stop())));

function open(options: { maxAgeMs?: number; most?: number } = {}): TokenTable {
  const table = new TokenTable({
    tokens,
    most: 100,
    maxAgeMs: 60_000,
    logger,
    everyMs: EVERY_MS,
    ...options,
  });
  table.start();
  tables.push(table);
  return table;
}

async function make(changes: { expires_at?: number } = {}): Promise<{ secret: string; token_id: string }> {
  const secret = newSecret();
  const token_id = v7();
  const grant = { role: 'writer', namespaces: ['a', 'b'], user_id: 'ann', rates: { read: 7 } } as const;
  const asked = {
    ...grant,
    namespaces: [...grant.namespaces],
    description: '',
    expires_at: null,
    ...changes,
  };
  await tokens.create({ ...asked, token_id, digest: digestOf(secret), by: 'me' }, 100);
  return { secret, token_id };
}

describe('the table of tokens', () => {
  test('knows what a secret opens, and nothing of others', async () => {
    const { secret, token_id } = await make();
    const table = open();
    await table.refresh();
    expect(table.callerOf(secret)).toEqual({
      subject: `token:${token_id}`,
      role: 'writer',
      namespaces: ['a', 'b'],
      default_namespace: null,
      user_id: 'ann',
      rates: { read: 7 },
    });
    expect(table.callerOf(newSecret())).toBeUndefined();
    expect(table.callerOf(`${secret}x`)).toBeUndefined();
  });

  test('every table learns of a change by itself', async () => {
    const [one, other] = [open(), open()];
    const { secret, token_id } = await make();
    const known = (table: TokenTable) => table.callerOf(secret) !== undefined;
    await eventually(() => {
      expect([one, other].map(known)).toEqual([true, true]);
    });
    await tokens.revoke({ token_id, by: 'me' });
    await eventually(() => {
      expect([one, other].map(known)).toEqual([false, false]);
    });
  });

  test('an expired token is refused without a further look', async () => {
    const { secret } = await make({ expires_at: Date.now() + 50 });
    const table = open();
    await table.refresh();
    tokens.down = true;
    await eventually(() => {
      expect(() => table.callerOf(secret)).toThrow(expect.objectContaining({ code: 'invalid_token' }));
    });
  });

  test('while the store is out what is known goes on until it is too old, then nothing is said of any token', async () => {
    const { secret } = await make();
    const table = open({ maxAgeMs: 200 });
    await table.refresh();
    tokens.down = true;
    expect(table.callerOf(secret)).toBeDefined();
    const unavailable = expect.objectContaining({ code: 'auth_unavailable' });
    await eventually(() => {
      for (const any of [secret, newSecret()]) expect(() => table.callerOf(any)).toThrow(unavailable);
    });
    // Tokens of other kinds are not its concern.
    expect(table.callerOf('another-token')).toBeUndefined();
    tokens.down = false;
    await eventually(() => {
      expect(table.callerOf(secret)).toBeDefined();
    });
  });

  test('before the first look it says nothing of any token', () => {
    tokens.down = true;
    expect(() => open().callerOf(newSecret())).toThrow(expect.objectContaining({ code: 'auth_unavailable' }));
  });

  test('holds no more than it may', async () => {
    for (let count = 0; count < 5; count += 1) await make();
    const table = open({ most: 3 });
    await table.refresh();
    expect(table.size).toBe(3);
  });
});
