import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { until } from '../system/index.js';
import { Client, coordsOf, tokenOf, type Answer } from './client.js';
import { expectProblem } from './expect-problem.js';
import { Store } from './store.js';

interface Deletion {
  operation_id: string;
  status: string;
  matched: number | null;
  deleted: number;
  spared?: number;
  error?: { code: string };
  finished_at: string | null;
}

const deleteMany = (client: Client, json: JsonObject, headers = {}, query = '') =>
  client.call<Deletion>('POST', `/memories/delete${query}`, {
    json,
    headers: { Prefer: 'wait=30', ...headers },
  });

async function ended(client: Client, { operation_id }: Deletion): Promise<Answer<Deletion>> {
  return until('the deletion to be over', 30_000, async () => {
    const answer = await client.call<Deletion>('GET', `/operations/${operation_id}`);
    return answer.body.finished_at === null ? undefined : answer;
  });
}

async function putSome(client: Client, coords: readonly string[], memory: JsonObject): Promise<void> {
  const operations = coords.map((coord) => ({ op: 'put', coord, ...memory }));
  await client.call('POST', '/memories/batch', { json: { operations } });
}

async function left(client: Client, ...coords: string[]): Promise<string[]> {
  const { body } = await client.call<{ memories: unknown[] }>('POST', '/memories/get', { json: { coords } });
  return coords.filter((_, at) => body.memories[at] !== null);
}

describe('deletion by filter', () => {
  test('deletes what matches in this namespace, and its token covers all of it', async () => {
    const [client, neighbour] = [new Client(), new Client()];
    await client.remember('a', 'herons wade in the shallows', { user_id: 'ada', tags: ['old'] });
    await client.remember('b', 'herons wade in the deep', { user_id: 'ada' });
    await client.put('c', { text: 'x', user_id: 'bob', tags: ['old'] });
    await neighbour.put('a', { text: 'x', user_id: 'ada', tags: ['old'] });
    const answer = await deleteMany(client, { filters: { tags: 'old' }, user_id: 'ada' });
    expect(answer).toMatchObject({ status: 200, body: { matched: 1, deleted: 1, spared: 0 } });
    expect(await left(client, 'a', 'b', 'c')).toEqual(['b', 'c']);
    expect(await left(neighbour, 'a')).toEqual(['a']);
    const headers = { 'Soma-Consistency-Token': tokenOf(answer) };
    expect(coordsOf(await client.search({ query: 'herons wade' }, headers))).toEqual(['b']);
  });

  test('of many goes page by page, and tells how far it is', async () => {
    const client = new Client();
    const coords = Array.from({ length: 450 }, (_, n) => `m${n}`);
    await putSome(client, coords, { text: 'x' });
    const started = await client.call<Deletion>('POST', '/memories/delete', {
      json: { all: true },
      headers: { Prefer: 'respond-async' },
    });
    expect(started).toMatchObject({ status: 202, body: { status: 'accepted', deleted: 0 } });
    expect(started.headers.get('location')).toBe(`/operations/${started.body.operation_id}`);
    const { body, headers } = await ended(client, started.body);
    expect(body).toMatchObject({ matched: 450, deleted: 450 });
    expect(headers.get('soma-consistency-token')).not.toBeNull();
    expect(await left(client, ...coords.slice(0, 400))).toEqual([]);
  });

  test('sees what was accepted before it', async () => {
    const client = new Client();
    const headers = { Prefer: 'respond-async' };
    for (let n = 0; n < 20; n += 1) {
      await client.call('PUT', `/memories/m${n}?until=accepted`, { json: { text: 'x' }, headers });
    }
    expect((await deleteMany(client, { all: true })).body).toMatchObject({ matched: 20, deleted: 20 });
  });

  test('waits until searches have let go, when that is asked for', async () => {
    const client = new Client();
    await client.remember('m', 'kites over the cliff');
    const answer = await deleteMany(client, { all: true }, {}, '?until=indexed');
    expect(answer).toMatchObject({ status: 200, body: { status: 'indexed' } });
    expect(coordsOf(await client.search({ query: 'kites' }))).toEqual([]);
  });

  test('deletes nothing when more match than it may, or when it only counts', async () => {
    const client = new Client();
    await putSome(client, ['a', 'b', 'c'], { text: 'x', tags: ['old'] });
    const filters = { tags: 'old' };
    expectProblem(await deleteMany(client, { filters, at_most: 2 }), 409, 'too_many_matched');
    expect(await deleteMany(client, { filters, dry_run: true })).toMatchObject({
      status: 200,
      body: { matched: 3, deleted: 0, dry_run: true },
    });
    expect(await left(client, 'a', 'b', 'c')).toEqual(['a', 'b', 'c']);
  });

  test('leaves a memory alone that is written again while it runs', async () => {
    const client = new Client();
    const coords = Array.from({ length: 400 }, (_, n) => `m${String(n).padStart(3, '0')}`);
    await putSome(client, coords, { text: 'x', tags: ['old'] });
    const started = await client.call<Deletion>('POST', '/memories/delete', {
      json: { filters: { tags: 'old' } },
      headers: { Prefer: 'respond-async' },
    });
    const renewed = await client.put('m399', { text: 'renewed', tags: ['old'] });
    const { body } = await ended(client, started.body);
    const [survivor] = await left(client, 'm399');
    // Whichever came first: a renewal before the match is matched as it is, one before its deletion survives, one after it is new.
    expect(renewed.status).toBeLessThan(202);
    if (body.spared === 1) expect([survivor, body.deleted]).toEqual(['m399', 399]);
    else expect(body).toMatchObject({ matched: 400, deleted: 400 });
  });

  test.each<[JsonObject]>([
    [{}],
    [{ filters: {} }],
    [{ filters: { tags: { $ne: 'x' } } }],
    [{ filters: { $or: [{ topic: 'tea' }, { $not: { topic: 'tea' } }] } }],
  ])('%j chooses nothing', async (json) => {
    const client = new Client();
    await client.put('m', { text: 'x' });
    expectProblem(await deleteMany(client, json), 400, 'invalid_filter');
    expect(await left(client, 'm')).toEqual(['m']);
  });

  test('erases history too, when that is asked for', async () => {
    const client = new Client();
    const store = new Store();
    const word = `word${randomBytes(8).toString('hex')}`;
    for (const n of [1, 2]) await client.put('m', { payload: { text: `${word} ${n}` } });
    const answer = await deleteMany(client, { all: true, erase: true });
    expect(answer).toMatchObject({ status: 200, body: { deleted: 1, log_clean_by: expect.anything() } });
    expect(await store.tablesHolding(word)).toEqual([]);
    await store.close();
  });
});

describe('its Idempotency-Key', () => {
  test('gives the first outcome again, whatever was written since', async () => {
    const client = new Client();
    const headers = { 'Idempotency-Key': randomUUID() };
    await putSome(client, ['a', 'b'], { text: 'x' });
    const first = await deleteMany(client, { all: true }, headers);
    await client.put('a', { text: 'anew' });
    const again = await deleteMany(client, { all: true }, headers);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.body).toEqual({ ...first.body, status: again.body.status });
    expect(await left(client, 'a', 'b')).toEqual(['a']);
  });

  test('belongs to it alone', async () => {
    const client = new Client();
    const headers = { 'Idempotency-Key': randomUUID() };
    await deleteMany(client, { all: true }, headers);
    expectProblem(await deleteMany(client, { user_id: 'ada' }, headers), 422, 'idempotency_key_reused');
    expectProblem(await client.put('m', { text: 'x' }, { headers }), 422, 'idempotency_key_reused');
    const other = { 'Idempotency-Key': randomUUID() };
    await client.put('m', { text: 'x' }, { headers: other });
    expectProblem(await deleteMany(client, { all: true }, other), 422, 'idempotency_key_reused');
    expect(await left(client, 'm')).toEqual(['m']);
  });
});

test('an operation of another namespace is not found', async () => {
  const { body } = await deleteMany(new Client(), { all: true });
  const answer = await new Client().call('GET', `/operations/${body.operation_id}`);
  expectProblem(answer, 404, 'operation_not_found');
});
