import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import type { GraphAnswer, WriteResult } from './answers.js';
import { Client, coordsOf } from './client.js';
import { expectProblem } from './expect-problem.js';
import { ended, type JobAnswer } from './job.js';
import { Store } from './store.js';

let store: Store;
beforeAll(() => {
  store = new Store();
});
afterAll(() => store.close());

/** A word that nobody else writes. */
const someWord = (): string => `word${randomBytes(8).toString('hex')}`;

const DAY_MS = 86_400_000;

function link(client: Client, from_coord: string, to_coord: string, properties: JsonObject) {
  const json = { from_coord, to_coord, properties };
  return client.call('POST', '/graph/links', { json });
}

async function erase(client: Client, request: JsonObject): Promise<JobAnswer> {
  const json = { namespace: client.namespace, ...request };
  return ended(client, await client.call<{ job: JobAnswer }>('POST', '/admin/erase', { json }));
}

async function check(client: Client, request: JsonObject): Promise<JsonObject> {
  const json = { namespace: client.namespace, ...request };
  const accepted = await client.call<{ job: JobAnswer }>('POST', '/admin/erase/check', { json });
  return (await ended(client, accepted)).result ?? {};
}

function nothingInTables(result: JsonObject): void {
  expect(result['remaining']).toMatchObject({
    memories: 0,
    history: 0,
    dead_letters: 0,
    links: 0,
    index_points: 0,
  });
}

test('DELETE with erase=true leaves nothing of a memory, and says when the topics let go', async () => {
  const client = new Client();
  const word = someWord();
  await client.put('near', { payload: {} });
  for (const n of [1, 2]) await client.remember('m', `${word} ${n}`, { user_id: word });
  await client.get('m');
  await link(client, 'm', 'near', { about: word });
  expect(await store.tablesHolding(word)).toEqual(expect.arrayContaining(['history', 'links', 'memories']));

  const answer = await client.call<WriteResult & { log_clean_by: Record<string, string> }>(
    'DELETE',
    '/memories/m?erase=true&until=indexed',
    { headers: { Prefer: 'wait=30' } },
  );
  expect(answer).toMatchObject({ status: 200, body: { deleted: true, status: 'indexed', version: 3 } });
  const { 'memory.commands': commands = '', 'memory.dlq': letters = '' } = answer.body.log_clean_by;
  expect(Date.parse(commands)).toBeGreaterThan(Date.now() + 6 * DAY_MS);
  expect(Date.parse(letters)).toBeGreaterThan(Date.parse(commands));
  expect(await store.tablesHolding(word)).toEqual([]);
  expectProblem(await client.get('m'), 404, 'memory_not_found');
  expect(coordsOf(await client.search({ query: word }))).toEqual([]);
  const { body } = await client.call<GraphAnswer>('GET', '/graph/neighbors?coord=near&direction=both');
  expect(body.links).toEqual([]);

  const again = await client.call<WriteResult>('DELETE', '/memories/m?erase=true');
  expect([again.status, again.body.deleted]).toEqual([200, false]);
  const written = await client.put('m', { payload: { text: 'anew' } });
  expect(written.status).toBe(201);
  expect((await client.get('m')).body.memory).toMatchObject({ payload: { text: 'anew' }, version: 5 });
});

describe('POST /admin/erase', () => {
  test('by filter takes what matches, whatever became of its earlier versions, and nothing else', async () => {
    const client = new Client();
    const [word, other] = [someWord(), someWord()];
    await client.put('a', { payload: { text: word } });
    for (const coord of ['a', 'b']) await client.put(coord, { payload: { text: word }, tags: ['old'] });
    await client.put('c', { payload: { text: other }, tags: ['new'] });

    const dry = await erase(client, { filters: { tags: 'old' }, dry_run: true });
    expect(dry).toMatchObject({ state: 'done', result: { matched: 2, erased: 0 } });
    const tooMany = await erase(client, { filters: { tags: 'old' }, at_most: 1 });
    expect(tooMany).toMatchObject({ state: 'failed', error: { code: 'too_many_matched' } });
    expect((await client.get('a')).status).toBe(200);

    const job = await erase(client, { filters: { tags: 'old' } });
    expect(job).toMatchObject({ state: 'done', result: { matched: 2, erased: 2, spared: 0 } });
    expect(await store.tablesHolding(word)).toEqual([]);
    expect(await store.tablesHolding(other)).toEqual(expect.arrayContaining(['history', 'memories']));
    expect([(await client.get('a')).status, (await client.get('c')).status]).toEqual([404, 200]);
  });

  test('by coords takes deleted and expired ones too', async () => {
    const client = new Client();
    const word = someWord();
    await client.put('42.0,17', { payload: { text: word } });
    await client.put('deleted', { payload: { text: word } });
    await client.delete('deleted');
    await client.put('over', { payload: { text: word }, expires_at: '2001-01-01T00:00:00Z' });
    const job = await erase(client, { coords: ['42,17.0', 'deleted', 'over', 'never'] });
    expect(job).toMatchObject({ state: 'done', result: { matched: 3, erased: 3 } });
    expect(await store.tablesHolding(word)).toEqual([]);
  });

  test('of a namespace takes everything in it; what is written later and elsewhere stays', async () => {
    const [client, neighbour] = [new Client(), new Client()];
    const [word, other] = [someWord(), someWord()];
    await neighbour.put('m', { payload: { text: other } });
    const operations = Array.from({ length: 150 }, (_, n) => ({
      op: 'put',
      coord: `m${n}`,
      payload: { text: `${word} ${n}` },
    }));
    await client.call('POST', '/memories/batch', { json: { operations } });
    await client.delete('m7');
    // Links may name memories that never were.
    await link(client, 'nobody', 'no-one', { about: word });

    const job = await erase(client, { all: true });
    expect(job).toMatchObject({ state: 'done', result: { matched: 152, erased: 152, spared: 0 } });
    expect(await store.tablesHolding(word)).toEqual([]);
    expect((await neighbour.get('m')).status).toBe(200);
    expect((await client.put('m1', { payload: { text: 'anew' } })).status).toBe(201);
    expect((await client.get('m1')).status).toBe(200);
    expect(coordsOf(await client.search({ query: word }))).toEqual([]);
  });

  test.each<[string, JsonObject, string]>([
    ['no choice', {}, 'invalid_request'],
    ['two choices', { coord: 'a', all: true }, 'invalid_request'],
    ['an empty filter', { filters: {} }, 'invalid_filter'],
    ['a filter that only excludes', { filters: { tags: { $ne: 'x' } } }, 'invalid_filter'],
    ['a bad coord', { coord: 'a b' }, 'invalid_coord'],
  ])('%s is refused', async (_, request, code) => {
    const client = new Client();
    const json = { namespace: client.namespace, ...request };
    expectProblem(await client.call('POST', '/admin/erase', { json }), 400, code);
  });
});

test('POST /admin/erase/check tells what topics still hold and until when', async () => {
  const client = new Client();
  await client.put('m', { payload: { text: someWord() } });
  await client.put('m', { payload: { text: someWord() } });
  expect(await check(client, { coord: 'm' })).toMatchObject({
    clean: false,
    remaining: { memories: 1, history: 2, 'memory.commands': 2 },
  });
  await client.call('DELETE', '/memories/m?erase=true&until=indexed', { headers: { Prefer: 'wait=30' } });
  const result = await check(client, { all: true });
  expect(result).toMatchObject({
    clean: false,
    remaining: { 'memory.commands': 2, 'memory.events': 2, 'graph.commands': 0, 'memory.dlq': 0 },
  });
  nothingInTables(result);
  const cleanBy = Date.parse(result['clean_by'] as string);
  expect(cleanBy).toBeGreaterThan(Date.parse(result['newest_remaining_at'] as string) + 7 * DAY_MS - 1);
  expect(cleanBy).toBeLessThan(Date.now() + 8 * DAY_MS);
  expect(await check(client, { coord: 'never-written' })).toMatchObject({ clean: true, clean_by: null });
});
