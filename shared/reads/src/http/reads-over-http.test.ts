import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SomaError } from '@soma/memory';
import { closeServer, createLogger } from '@soma/service';
import { eventually } from '@soma/testing';
import { Registry } from 'prom-client';
import type { Reads } from '../port.js';
import { CallsUnderWay, createHttpReads, createReadsApp } from './index.js';

const TOKEN = 'a-token-of-16-bytes-or-more';
const NOW = { after: null, waitMs: 0 };
const overloaded = expect.objectContaining({ code: 'overloaded' });

let registry: Registry;
let server: Server;
let reads: Reads;
/** Answers of `get` wait for this. */
let gate: Promise<void>;
let open: () => void;
/** Of `get`, told to `hold`. */
let bytes: number;

beforeEach(async () => {
  registry = new Registry();
  bytes = 1;
  gate = new Promise((resolve) => (open = resolve));
  const calls = new CallsUnderWay({ maxCalls: 2, maxAnswerBytes: 100 }, registry);
  const logger = createLogger({ service: 'query', level: 'silent', format: 'json' });
  server = createServer(createReadsApp({ reads: slowReads(), token: TOKEN, calls, logger }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  reads = createHttpReads({ url: urlOf(server), token: TOKEN, timeoutMs: 30_000 });
});
afterEach(async () => {
  open();
  await closeServer(server, 1_000);
});

function slowReads(): Reads {
  const absent = () => Promise.reject(new SomaError('no_path', 'not in this test'));
  return {
    get: async (_namespace, keys, { hold }) => {
      hold?.(bytes);
      await gate;
      return keys.map(() => null);
    },
    list: absent,
    range: absent,
    count: absent,
    history: absent,
    past: absent,
    changes: absent,
    search: absent,
    neighbors: absent,
    path: absent,
    namespaces: absent,
    totals: absent,
    health: () => Promise.resolve({ store: true }),
  };
}

function urlOf(listening: Server): string {
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

/** Resolves once so many calls are under way and hold so many bytes. */
const underWay = (calls: number, held: number) =>
  eventually(async () => {
    const told = await registry.metrics();
    expect(told).toContain(`soma_query_calls_in_flight ${calls}\n`);
    expect(told).toContain(`soma_query_answer_bytes ${held}\n`);
  });

const get = () => reads.get('default', ['a'], NOW);

test('calls beyond the limit are refused, a probe never, and places come back', async () => {
  const first = [get(), get()];
  await underWay(2, 2);
  await expect(get()).rejects.toEqual(overloaded);
  expect(await reads.health()).toEqual({ store: true });
  expect(await registry.metrics()).toContain('soma_query_overloaded_total 1');
  open();
  await Promise.all(first);
  await underWay(0, 0);
  expect(await get()).toEqual([null]);
});

test('who is refused is told when to come again', async () => {
  const first = [get(), get()];
  await underWay(2, 2);
  const answer = await fetch(`${urlOf(server)}/reads/get`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({ namespace: 'default', request: ['a'] }),
  });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('1');
  open();
  await Promise.all(first);
});

test('answers that are too large together are refused until one is sent', async () => {
  bytes = 60;
  const first = get();
  await underWay(1, 60);
  await expect(get()).rejects.toEqual(overloaded);
  open();
  await first;
  await underWay(0, 0);
  expect(await get()).toEqual([null]);
});

test('who asked may refuse an answer by its length, before it is read', async () => {
  open();
  const lengths: number[] = [];
  const refuse = (length: number): void => {
    lengths.push(length);
    throw new SomaError('overloaded', 'too much here');
  };
  await expect(reads.get('default', ['a', 'b'], { ...NOW, hold: refuse })).rejects.toMatchObject({
    code: 'overloaded',
    message: 'too much here',
  });
  expect(lengths).toEqual(['[null,null]'.length]);
});
