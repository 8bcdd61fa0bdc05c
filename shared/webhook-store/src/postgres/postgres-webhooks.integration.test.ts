import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import type { AttemptOutcome, NewDelivery } from '../deliveries.js';
import type { WebhookName } from '../webhooks.js';
import { createPostgresDeliveries, createPostgresWebhooks } from './index.js';

async function open() {
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, maxConnections: 4, applicationName: 'test' }, () => undefined);
  const close = async () => {
    await pool.end();
    await database.drop();
  };
  return {
    pool,
    close,
    webhooks: createPostgresWebhooks({ pool }),
    deliveries: createPostgresDeliveries({ pool }),
  };
}

let opened: Awaited<ReturnType<typeof open>>;
beforeEach(async () => {
  opened = await open();
});
afterEach(() => opened.close());

const OWNER = randomUUID();
const OTHER = randomUUID();
const PLACE = { revisions: { 0: 7 }, at: 1_000 };

async function create(namespace = 'team', most = 10): Promise<WebhookName | undefined> {
  const name = { namespace, webhook_id: randomUUID() };
  const described = { url: 'https://example.com/', description: '', events: ['memory.stored' as const] };
  const filter = { op: 'and' as const, clauses: [] };
  const asked = { ...name, ...described, asked: {}, filter, secret: 'whsec_YQ==', since: null, by: 'ada' };
  return (await opened.webhooks.create(asked, most)) && name;
}

async function made(namespace?: string): Promise<WebhookName> {
  const name = await create(namespace);
  if (name === undefined) throw new Error('no webhook was made');
  return name;
}

const claim = (owner: string, leaseMs = 60_000, most = 10) =>
  opened.deliveries.claim({ owner, leaseMs, most });
const heldBy = async (owner: string) => (await claim(owner)).map(({ webhook_id }) => webhook_id);

function delivery(revision: number, key: string): NewDelivery {
  const event = 'memory.stored' as const;
  return {
    partition: 0,
    revision,
    key,
    coord: key,
    version: revision,
    event,
    operation_id: randomUUID(),
    at: 1,
    failed: null,
  };
}

const take = (name: WebhookName, deliveries: NewDelivery[], owner = OWNER) =>
  opened.deliveries.take({ owner, webhook_id: name.webhook_id, deliveries, arrived: 0, place: PLACE });
const dueOf = async ({ webhook_id }: WebhookName) =>
  (await opened.deliveries.due(webhook_id, 10)).map(({ key, revision }) => `${key}@${revision}`);

async function settleFirst({ webhook_id }: WebhookName, outcome: AttemptOutcome): Promise<void> {
  const [first] = await opened.deliveries.due(webhook_id, 1);
  if (first === undefined) throw new Error('nothing is due');
  await opened.deliveries.settle(webhook_id, [{ delivery: first, outcome }]);
}

describe('webhooks', () => {
  test('are at most so many in a namespace, also when several are made at once', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => create('team', 2)));
    expect(all.filter((name) => name !== undefined)).toHaveLength(2);
    expect(await create('other', 2)).toBeDefined();
  });

  test('are found in their namespace alone', async () => {
    const name = await made();
    const { webhooks } = opened;
    const elsewhere = { ...name, namespace: 'other' };
    expect(await webhooks.get(elsewhere)).toBeUndefined();
    expect(await webhooks.change(elsewhere, { paused: true })).toBeUndefined();
    expect(await webhooks.rotate({ ...elsewhere, secret: 'whsec_Yg==', overlap_ms: 1 })).toBeUndefined();
    expect(await webhooks.remove(elsewhere)).toBe(false);
    expect(await webhooks.get(name)).toMatchObject({ stopped_because: null, waiting: 0, given_up: 0 });
  });

  test('never show their secret', async () => {
    const name = await made();
    expect(JSON.stringify(await opened.webhooks.get(name))).not.toContain('whsec');
  });
});

describe('who tells a webhook', () => {
  test('is one owner, until its lease is over or it lets go', async () => {
    const { webhook_id } = await made();
    expect(await heldBy(OWNER)).toEqual([webhook_id]);
    expect(await heldBy(OTHER)).toEqual([]);
    await opened.pool.query(`update webhooks set lease_until = now() - interval '1 second'`);
    expect(await heldBy(OTHER)).toEqual([webhook_id]);
    expect(await heldBy(OWNER)).toEqual([]);
    await opened.deliveries.release(OTHER);
    expect(await heldBy(OWNER)).toEqual([webhook_id]);
  });

  test('holds no more than it wants to, what it held before first', async () => {
    const first = await made();
    expect(await heldBy(OWNER)).toEqual([first.webhook_id]);
    await made();
    expect((await claim(OWNER, 60_000, 1)).map(({ webhook_id }) => webhook_id)).toEqual([first.webhook_id]);
  });

  test('takes in nothing once it has lost it', async () => {
    const name = await made();
    await claim(OWNER);
    expect(await take(name, [delivery(1, 'a')])).toBe(true);
    await opened.pool.query(`update webhooks set lease_until = now() - interval '1 second'`);
    expect(await take(name, [delivery(2, 'a')])).toBe(false);
    await claim(OTHER);
    expect(await take(name, [delivery(2, 'a')])).toBe(false);
    expect(await dueOf(name)).toEqual(['a@1']);
  });

  test('goes on where the one before it was, with all secrets that sign', async () => {
    const name = await made();
    await claim(OWNER);
    await take(name, []);
    await opened.webhooks.rotate({ ...name, secret: 'whsec_Yg==', overlap_ms: 60_000 });
    await opened.deliveries.release(OWNER);
    expect(await claim(OTHER)).toMatchObject([{ place: PLACE, secrets: ['whsec_Yg==', 'whsec_YQ=='] }]);
    await opened.webhooks.rotate({ ...name, secret: 'whsec_Yw==', overlap_ms: 0 });
    expect(await claim(OTHER)).toMatchObject([{ secrets: ['whsec_Yw=='] }]);
  });

  test('is nobody while it is stopped, until an admin changes it', async () => {
    const name = await made();
    await opened.deliveries.stop(name.webhook_id, 'gone');
    expect(await heldBy(OWNER)).toEqual([]);
    expect(await opened.webhooks.change(name, {})).toMatchObject({ stopped_because: null });
    expect(await heldBy(OWNER)).toEqual([name.webhook_id]);
  });
});

describe('deliveries', () => {
  test('of a memory are due one after the other, those of others beside them', async () => {
    const name = await made();
    await claim(OWNER);
    await take(name, [delivery(1, 'a'), delivery(2, 'a'), delivery(3, 'b')]);
    expect(await dueOf(name)).toEqual(['a@1', 'b@3']);
    await settleFirst(name, { kind: 'failed', failure: 'timeout', againInMs: 60_000 });
    expect(await dueOf(name)).toEqual(['b@3']);
    await opened.pool.query(`delete from webhook_deliveries where key = 'b'`);
    const { count, due_at, now } = await opened.deliveries.waiting(name.webhook_id, 10);
    expect([count, (due_at ?? 0) > now]).toEqual([2, true]);
    await take(name, [delivery(3, 'b')]);
    await opened.pool.query('update webhook_deliveries set next_attempt_at = now() where attempts > 0');
    await settleFirst(name, { kind: 'arrived' });
    expect(await dueOf(name)).toEqual(['a@2', 'b@3']);
  });

  test('that are given up hold up nothing, are kept, and can be tried again', async () => {
    const name = await made();
    await claim(OWNER);
    const [first, second] = [delivery(1, 'a'), delivery(2, 'a')];
    await take(name, [first, second]);
    await settleFirst(name, { kind: 'given_up', failure: 'status_500' });
    expect(await dueOf(name)).toEqual(['a@2']);
    const page = { ...name, state: 'given_up' as const, after: null, limit: 10 };
    expect(await opened.webhooks.deliveries(page)).toMatchObject([
      { operation_id: first.operation_id, attempts: 1, last_failure: 'status_500', next_attempt_at: null },
    ]);
    expect(await opened.webhooks.retry({ ...name, namespace: 'other' }, null)).toBe(0);
    expect(await opened.webhooks.retry(name, second.operation_id)).toBe(0);
    expect(await opened.webhooks.retry(name, first.operation_id)).toBe(1);
    expect(await dueOf(name)).toEqual(['a@1']);
  });

  test('are taken in once, and counted when they arrive', async () => {
    const name = await made();
    await claim(OWNER);
    const taken = delivery(1, 'a');
    await take(name, [taken]);
    await take(name, [taken]);
    expect(await opened.webhooks.get(name)).toMatchObject({ waiting: 1, delivered: 0 });
    await settleFirst(name, { kind: 'failed', failure: 'timeout', againInMs: 0 });
    expect(await opened.webhooks.get(name)).toMatchObject({
      failing_since: expect.any(Number),
      last_failure: 'timeout',
    });
    await settleFirst(name, { kind: 'arrived' });
    expect(await opened.webhooks.get(name)).toMatchObject({
      waiting: 0,
      delivered: 1,
      failing_since: null,
    });
  });

  test('that were tried when they were taken in are waited for, or given up, and counted', async () => {
    const name = await made();
    await claim(OWNER);
    const { webhook_id } = name;
    const failed = { kind: 'failed' as const, failure: 'timeout', againInMs: 60_000 };
    const given = { kind: 'given_up' as const, failure: 'status_500' };
    const deliveries = [
      { ...delivery(1, 'a'), failed },
      { ...delivery(2, 'b'), failed: given },
      delivery(3, 'c'),
    ];
    expect(
      await opened.deliveries.take({ owner: OWNER, webhook_id, deliveries, arrived: 4, place: PLACE }),
    ).toBe(true);
    expect(await dueOf(name)).toEqual(['c@3']);
    const state = { waiting: 2, given_up: 1, delivered: 4, failing_since: null, last_failure: 'status_500' };
    expect(await opened.webhooks.get(name)).toMatchObject(state);
    const waiting = await opened.webhooks.deliveries({ ...name, state: 'waiting', after: null, limit: 9 });
    expect(waiting.map(({ attempts }) => attempts)).toEqual([1, 0]);
  });

  test('that were given up long ago are forgotten', async () => {
    const name = await made();
    await claim(OWNER);
    await take(name, [delivery(1, 'a'), delivery(2, 'b')]);
    await settleFirst(name, { kind: 'given_up', failure: 'timeout' });
    expect(await opened.deliveries.prune(Date.now() - 60_000)).toBe(0);
    expect(await opened.deliveries.prune(Date.now() + 60_000)).toBe(1);
    expect(await opened.deliveries.waiting(name.webhook_id, 10)).toMatchObject({ count: 1 });
  });

  test('go with their webhook', async () => {
    const name = await made();
    await claim(OWNER);
    await take(name, [delivery(1, 'a')]);
    expect(await opened.webhooks.remove(name)).toBe(true);
    expect(await dueOf(name)).toEqual([]);
  });
});
