import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { until } from '../system/index.js';
import { Client } from './client.js';
import { expectProblem } from './expect-problem.js';
import { granted } from './granted.js';
import { Receiver, type Received } from './receiver.js';

interface Webhook {
  webhook_id: string;
  stopped_because: string | null;
  delivered: number;
  waiting: number;
  given_up: number;
  last_failure: string | null;
}

interface Delivery {
  operation_id: string;
  coord: string;
  attempts: number;
  last_failure: string;
}

let receiver: Receiver;
let client: Client;
beforeEach(async () => {
  receiver = await Receiver.start();
  client = new Client();
});
afterEach(() => receiver.stop());

async function create(asked: JsonObject = {}): Promise<{ path: string; secret: string }> {
  const json = { url: receiver.url, ...asked };
  const { status, body } = await client.call<{ webhook: Webhook; secret: string }>('POST', '/webhooks', {
    json,
  });
  expect(status).toBe(201);
  return { path: `/webhooks/${body.webhook.webhook_id}`, secret: body.secret };
}

const stateOf = async (path: string) => (await client.call<{ webhook: Webhook }>('GET', path)).body.webhook;
const untilState = (path: string, what: string, holds: (webhook: Webhook) => boolean) =>
  until(what, 30_000, async () => holds(await stateOf(path)));
const told = (messages: readonly Received[]) =>
  messages.map(({ type, data }) => `${type === 'memory.deleted' ? '-' : ''}${data.coord}@${data.version}`);

describe('a webhook', () => {
  test('is told what changes, signed, in the order of each memory', async () => {
    const { path, secret } = await create();
    const { body } = await client.put('a', { text: 'one' });
    await client.put('a', { text: 'two' });
    await client.call('DELETE', '/memories/a');
    const messages = await receiver.take(3);
    expect(told(messages)).toEqual(['a@1', 'a@2', '-a@3']);
    expect(messages.map(({ signatures, signedWith }) => signatures[0] === signedWith(secret))).toEqual([
      true,
      true,
      true,
    ]);
    expect(messages[0]).toMatchObject({ id: body.operation_id, data: { namespace: client.namespace } });
    expect(messages.map(({ data }) => data.memory?.text ?? null)).toEqual(['one', 'two', null]);
    await untilState(path, 'all to be counted', ({ delivered, waiting }) => delivered === 3 && waiting === 0);
  });

  test('is told of every one of many, whatever partition it is in', async () => {
    await create();
    const coords = Array.from({ length: 60 }, (_, n) => `m${n}`);
    await Promise.all(coords.map((coord) => client.put(coord, { text: 'tea' })));
    const messages = await receiver.take(coords.length);
    expect(new Set(told(messages))).toEqual(new Set(coords.map((coord) => `${coord}@1`)));
  });

  test('is told of what it asked for only, and of nothing from before', async () => {
    await client.put('before', { text: 'tea', user_id: 'ada' });
    await create({ user_id: 'ada', events: ['memory.stored'], filters: { topic: 'tea' } });
    await client.put('other.user', { payload: { topic: 'tea' }, user_id: 'bob' });
    await client.put('other.topic', { payload: { topic: 'navy' }, user_id: 'ada' });
    await client.put('gone', { payload: { topic: 'tea' }, user_id: 'ada' });
    await client.call('DELETE', '/memories/gone');
    await client.put('last', { payload: { topic: 'tea' }, user_id: 'ada' });
    const last = () => receiver.all.some(({ data }) => data.coord === 'last');
    await until('the last one', 30_000, last);
    expect(told(receiver.all).toSorted()).toEqual(['gone@1', 'last@1']);
  });

  test('is told of what was before when it asks for it', async () => {
    await client.put('before', { text: 'tea' });
    await create({ since: new Date(Date.now() - 3_600_000).toISOString() });
    expect(told(await receiver.take(1))).toEqual(['before@1']);
  });

  test('that fails is tried again with the same id, and what comes later of that memory waits', async () => {
    let refusals = 2;
    receiver.answer = ({ data }) => (data.coord === 'a' && refusals-- > 0 ? 500 : 200);
    const { path } = await create();
    await client.put('a', { text: 'one' });
    await client.put('a', { text: 'two' });
    await client.put('b', { text: 'beside' });
    const messages = await receiver.take(5);
    const ofA = messages.filter(({ data }) => data.coord === 'a');
    expect(told(ofA)).toEqual(['a@1', 'a@1', 'a@1', 'a@2']);
    expect(new Set(ofA.map(({ id }) => id)).size).toBe(2);
    await untilState(path, 'all to arrive', ({ delivered }) => delivered === 3);
  });

  test('that goes on failing gives a message up, keeps it, and sends it when told to', async () => {
    receiver.answer = () => 503;
    const { path } = await create();
    const { body } = await client.put('a', { text: 'one' });
    await untilState(path, 'it to be given up', ({ given_up }) => given_up === 1);
    const { body: kept } = await client.call<{ deliveries: Delivery[] }>('GET', `${path}/deliveries`);
    expect(kept.deliveries).toMatchObject([
      { operation_id: body.operation_id, coord: 'a', attempts: 4, last_failure: 'status_503' },
    ]);
    receiver.answer = () => 200;
    const json = { operation_id: body.operation_id };
    const retried = await client.call('POST', `${path}/deliveries/retry`, { json });
    expect(retried.body).toMatchObject({ retried: 1 });
    await untilState(path, 'it to arrive', ({ delivered, given_up }) => delivered === 1 && given_up === 0);
  });

  test('leads to no address that is not public unless an operator allows it', async () => {
    const { path } = await create({ url: 'https://10.0.0.1/memories' });
    await client.put('a', { text: 'one' });
    const refused = await until('a refusal', 30_000, async () => {
      const { last_failure } = await stateOf(path);
      return last_failure ?? undefined;
    });
    expect(refused).toBe('address_refused');
    for (const url of ['ftp://example.com/', 'https://user:secret@example.com/', 'here', 'https://x.de/#top'])
      expectProblem(await client.call('POST', '/webhooks', { json: { url } }), 400, 'invalid_request');
  });

  test('is signed with both secrets while they overlap', async () => {
    const { path, secret } = await create();
    const { body } = await client.call<{ secret: string }>('POST', `${path}/rotate`, { json: {} });
    await until('both', 30_000, async () => {
      await client.put('a', { text: 'again' });
      return receiver.all.at(-1)?.signatures.length === 2;
    });
    const last = receiver.all.at(-1);
    expect(last?.signatures).toEqual([last?.signedWith(body.secret), last?.signedWith(secret)]);
  });

  test('whose receiver is gone stops, and goes on where it was when an admin says so', async () => {
    receiver.answer = () => 410;
    const { path } = await create();
    await client.put('a', { text: 'one' });
    await untilState(path, 'it to stop', ({ stopped_because }) => stopped_because === 'gone');
    receiver.answer = () => 200;
    await client.put('missed', { text: 'two' });
    const changed = await client.call<{ webhook: Webhook }>('PATCH', path, { json: { description: 'back' } });
    expect(changed.body.webhook).toMatchObject({ stopped_because: null, description: 'back' });
    await untilState(path, 'both to arrive', ({ delivered, given_up }) => delivered + given_up === 2);
    expect(told(receiver.all)).toContain('missed@1');
  });

  test('that is paused is told later what changed meanwhile', async () => {
    const { path } = await create();
    await client.call('PATCH', path, { json: { paused: true } });
    await client.put('a', { text: 'one' });
    await client.call('PATCH', path, { json: { paused: false } });
    expect(told(await receiver.take(1))).toEqual(['a@1']);
  });

  test('is not told of what was erased before', async () => {
    const { path } = await create();
    await client.call('PATCH', path, { json: { paused: true } });
    await client.put('secret', { text: 'my password' });
    await client.call('DELETE', '/memories/secret?erase=true');
    await client.call('PATCH', path, { json: { paused: false } });
    await client.put('after', { text: 'tea' });
    await until('what came after', 30_000, () => receiver.all.some(({ data }) => data.coord === 'after'));
    expect(JSON.stringify(receiver.all)).not.toContain('password');
  });

  test('that is dead holds up neither writes nor other webhooks', async () => {
    const dead = await Receiver.start();
    dead.answer = () => undefined;
    await create({ url: dead.url });
    await create();
    for (const coord of ['a', 'b', 'c']) await client.remember(coord, 'tea');
    expect(told(await receiver.take(3)).toSorted()).toEqual(['a@1', 'b@1', 'c@1']);
    await dead.stop();
  });

  test('is told nothing once it is deleted', async () => {
    const { path } = await create();
    expect((await client.call('DELETE', path)).status).toBe(200);
    const { path: other } = await create();
    await client.put('a', { text: 'one' });
    await untilState(other, 'the other to be told', ({ delivered }) => delivered === 1);
    expect(receiver.all).toHaveLength(1);
    expectProblem(await client.call('GET', path), 404, 'webhook_not_found');
  });
});

describe('webhooks are for admins of the namespace', () => {
  test('who see those of no other namespace, and no secret', async () => {
    const { path, secret } = await create();
    const admin = await granted(client.namespace, { role: 'admin' });
    const listed = await admin.client.call<{ webhooks: Webhook[] }>('GET', '/webhooks');
    expect(listed.body.webhooks).toHaveLength(1);
    expect(listed.text).not.toContain(secret);
    const elsewhere = new Client();
    expect((await elsewhere.call('GET', '/webhooks')).body).toMatchObject({ webhooks: [] });
    for (const method of ['GET', 'DELETE'])
      expectProblem(await elsewhere.call(method, path), 404, 'webhook_not_found');
  });

  test('not for writers, nor for who is bound to a user', async () => {
    const writer = await granted(client.namespace);
    const bound = await granted(client.namespace, { role: 'admin', user_id: 'ada' });
    for (const { client: other } of [writer, bound])
      expectProblem(await other.call('POST', '/webhooks', { json: { url: receiver.url } }), 403, 'forbidden');
  });
});
