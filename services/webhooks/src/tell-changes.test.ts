import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DEFAULT_ATTRIBUTES } from '@soma/memory';
import type { Change } from '@soma/reads';
import { newWebhookSecret, type HeldWebhook } from '@soma/webhook-store';
import PQueue from 'p-queue';
import { Registry } from 'prom-client';
import { AllowedAddresses } from './addresses.js';
import { createWebhookMetrics } from './metrics.js';
import { Receivers } from './receiver.js';
import { tellChanges } from './tell-changes.js';

let heard: string[];
/** The status for a coord and version, as in `a@1`. */
let answers: Record<string, number>;
let receivers: Receivers;
let url: string;
let close: () => void;
beforeEach(async () => {
  heard = [];
  answers = {};
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { data } = JSON.parse(body) as { data: { coord: string; version: number } };
      const told = `${data.coord}@${data.version}`;
      heard.push(told);
      response.writeHead(answers[told] ?? 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  receivers = new Receivers({ addresses: new AllowedAddresses(['127.0.0.1']), timeoutMs: 30_000 });
  close = () => {
    receivers.close();
    server.close();
  };
});
afterEach(() => {
  close();
});

function change(key: string, version: number, partition = 0): Change {
  const times = { expires_at: null, created_at: 1, updated_at: 1 };
  const content = { payload: {}, text: key, text_given: true, ...DEFAULT_ATTRIBUTES, ...times };
  const state = {
    deleted: false as const,
    namespace: 'team',
    key,
    coord: key,
    version,
    revision: 7,
    ...content,
  };
  const operation_id = `${key}-${version}`;
  return { state, operation_id, partition, at: 1, place: { revisions: {}, at: 1 } };
}

function tell(changes: Change[]) {
  const described = { webhook_id: 'w', namespace: 'team', url, description: '', asked: {}, created_by: '' };
  const standing = { stopped_because: null, delivered: 0, last_delivered_at: null, failing_since: null };
  const webhook: HeldWebhook = {
    ...described,
    ...standing,
    events: ['memory.stored', 'memory.deleted'],
    filter: { op: 'and', clauses: [] },
    created_at: 1,
    updated_at: 1,
    last_failure: null,
    place: { since: 1 },
    secrets: [newWebhookSecret()],
  };
  const schedule = { attempts: 3, firstMs: 1_000 };
  const deps = { receivers, schedule, metrics: createWebhookMetrics(new Registry()) };
  return tellChanges(changes, webhook, new PQueue({ concurrency: 4 }), deps);
}

test('what arrives is over, those of one memory one after the other', async () => {
  const told = await tell([change('a', 1), change('b', 1), change('a', 2), change('a', 3)]);
  expect(told).toEqual({ arrived: 4, rest: [], isGone: false });
  expect(heard.filter((one) => one.startsWith('a'))).toEqual(['a@1', 'a@2', 'a@3']);
});

test('behind one that fails, its memory waits and others do not', async () => {
  answers = { 'a@2': 503 };
  const { arrived, rest } = await tell([change('a', 1), change('a', 2), change('a', 3), change('b', 1)]);
  expect(arrived).toBe(2);
  expect(heard).not.toContain('a@3');
  expect(rest).toMatchObject([
    { key: 'a', version: 2, failed: { kind: 'failed', failure: 'status_503' } },
    { key: 'a', version: 3, failed: null },
  ]);
});

test('a receiver that is gone says so', async () => {
  answers = { 'a@1': 410 };
  expect(await tell([change('a', 1)])).toMatchObject({ arrived: 0, isGone: true });
});

test('changes of two partitions with one revision are two', async () => {
  answers = { 'a@1': 500, 'b@1': 500 };
  const { rest } = await tell([change('a', 1, 0), change('b', 1, 1)]);
  expect(rest.map(({ partition, revision }) => [partition, revision])).toEqual([
    [0, 7],
    [1, 7],
  ]);
});
