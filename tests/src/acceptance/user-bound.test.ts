import { beforeAll, describe, expect, test } from '@jest/globals';
import type { BatchAnswer, GraphAnswer, MemoryAnswer, WriteResult } from './answers.js';
import { Client, coordsOf, tokenOf } from './client.js';
import { expectProblem } from './expect-problem.js';
import { granted } from './granted.js';

/** In every memory of Ann's. */
const MARK = 'harbour-of-ann';

let ann: Client;
let bob: Client;
/** Of the same namespace, bound to nobody. */
let everybody: Client;

beforeAll(async () => {
  const { namespace } = new Client();
  everybody = new Client({ namespace });
  ann = (await granted(namespace, { user_id: 'ann' })).client;
  bob = (await granted(namespace, { user_id: 'bob' })).client;
  await ann.remember('a1', `the boat lies in ${MARK}`, { thread_id: 't', actor: 'Ann Boleyn' });
  await bob.remember('b1', 'the boat of bob lies elsewhere', { thread_id: 't' });
  await ann.remember('a2', `the second boat lies in ${MARK}`, { thread_id: 't', actor: 'Ann Boleyn' });
  await everybody.remember('shared', 'the boat of nobody lies in the harbour', { thread_id: 't' });
  const link = { from_coord: 'a1', to_coord: 'a2', properties: { note: MARK } };
  expect((await ann.call('POST', '/graph/links?until=indexed', { json: link })).status).toBe(201);
});

const versionOf = async (coord: string) => (await everybody.get(coord)).body.memory.version;

describe('a token that is bound to a user', () => {
  test('stamps what it writes', async () => {
    expect((await everybody.get('a1')).body.memory.user_id).toBe('ann');
    const messages = [{ role: 'user', content: 'hello', coord: 'said' }];
    await bob.call('POST', '/memories/messages', { json: { messages } });
    expect((await everybody.get('said')).body.memory.user_id).toBe('bob');
    expectProblem(await bob.put('for-ann', { payload: {}, user_id: 'ann' }), 403, 'forbidden');
    const giving = await bob.call('PATCH', '/memories/b1', { json: { user_id: 'ann' } });
    expectProblem(giving, 403, 'forbidden');
  });

  test('reads its own memories alone', async () => {
    for (const coord of ['a1', 'shared']) expectProblem(await bob.get(coord), 404, 'memory_not_found');
    const json = { coords: ['a1', 'b1', 'shared'] };
    const { body } = await bob.call<{ memories: (MemoryAnswer | null)[] }>('POST', '/memories/get', { json });
    expect(body.memories.map((memory) => memory?.coord ?? null)).toEqual([null, 'b1', null]);
  });

  test('finds its own memories alone, whatever it asks for', async () => {
    const asked = [
      {},
      { user_id: 'ann' },
      { filters: { user_id: 'ann' } },
      { filters: { $or: [{ user_id: 'ann' }, { user_id: 'bob' }] } },
      { filters: { $not: { user_id: 'bob' } } },
      { mode: 'keyword' },
      { mode: 'dense' },
      { context: 5, explain: true },
    ];
    for (const more of asked) {
      const found = await bob.search({ query: `boat ${MARK}`, top_k: 100, ...more });
      expect(found.status).toBe(200);
      expect(found.text).not.toContain(MARK);
      expect(coordsOf(found).filter((coord) => !['b1', 'said'].includes(coord))).toEqual([]);
    }
    const around = await bob.search({ query: 'boat of bob', context: 5 });
    expect(around.body.memories[0]).toMatchObject({ coord: 'b1', context: [] });
    expect(coordsOf(await ann.search({ query: 'boat', top_k: 100 })).sort()).toEqual(['a1', 'a2']);
  });

  test('walks over its own memories alone', async () => {
    const { body, text } = await bob.call<GraphAnswer>(
      'GET',
      '/graph/neighbors?coord=a1&direction=both&depth=4',
    );
    expect(body).toEqual({ nodes: [], links: [] });
    expect(text).not.toContain(MARK);
    expectProblem(await bob.call('GET', '/graph/path?from_coord=a1&to_coord=a2'), 404, 'no_path');
    const link = { from_coord: 'b1', to_coord: 'a1' };
    await everybody.call('POST', '/graph/links?until=indexed', { json: link });
    const across = await bob.call<GraphAnswer>('GET', '/graph/neighbors?coord=b1&direction=both');
    expect(across.body).toMatchObject({ nodes: [{ coord: 'b1' }], links: [] });
  });

  test('changes nothing of another, and learns nothing by trying', async () => {
    const before = await versionOf('a1');
    expectProblem(await bob.put('a1', { payload: { text: 'mine' } }), 403, 'forbidden');
    expectProblem(
      await bob.call('PATCH', '/memories/a1', { json: { importance: 1 } }),
      404,
      'memory_not_found',
    );
    expect((await bob.delete('a1')).body).toMatchObject({ deleted: false, version: null });
    for (const match of ['"1"', `"${before}"`, '*']) {
      const headers = { 'If-Match': match };
      const there = await bob.call<{ detail: string }>('DELETE', '/memories/a1', { headers });
      const nowhere = await bob.call<{ detail: string }>('DELETE', '/memories/never-there', { headers });
      expectProblem(there, 412, 'version_conflict');
      expect(there.body.detail).toBe(nowhere.body.detail);
    }
    expect(await versionOf('a1')).toBe(before);
    expect((await ann.get('a1')).text).toContain(MARK);
  });

  test('is held to it in a batch, item by item', async () => {
    const operations = [
      { op: 'put', coord: 'a1', text: 'mine' },
      { op: 'patch', coord: 'a2', importance: 1 },
      { op: 'delete', coord: 'a2' },
      { op: 'put', coord: 'b2', text: 'his own' },
      { op: 'put', coord: 'b3', text: 'given away', user_id: 'ann' },
    ];
    const { body } = await bob.call<BatchAnswer>('POST', '/memories/batch', { json: { operations } });
    expect(body.results).toMatchObject([
      { ok: false, error: { code: 'forbidden' } },
      { ok: false, error: { code: 'memory_not_found' } },
      { ok: true, deleted: false },
      { ok: true, version: 1 },
      { ok: false, error: { code: 'forbidden' } },
    ]);
    expect(await versionOf('a2')).toBe(1);
  });

  test('links its own memories alone', async () => {
    const link = (from_coord: string, to_coord: string) =>
      bob.call('POST', '/graph/links', { json: { from_coord, to_coord, weight: 9 } });
    for (const [from, to] of [
      ['a1', 'a2'],
      ['b1', 'a1'],
      ['b1', 'free-for-now'],
    ] as const)
      expectProblem(await link(from, to), 404, 'memory_not_found');
    const removed = await bob.call('DELETE', '/graph/links?from_coord=a1&to_coord=a2');
    expect(removed.body).toMatchObject({ deleted: false });
    const { body } = await ann.call<GraphAnswer>('GET', '/graph/neighbors?coord=a1');
    expect(body.links).toMatchObject([{ weight: 1, to_coord: 'a2' }]);
  });

  test('knows of its own operations alone', async () => {
    const written = await ann.call<WriteResult>('PUT', '/memories/a3', { json: { text: MARK } });
    const path = `/operations/${written.body.operation_id}`;
    expect((await ann.call('GET', path)).status).toBe(200);
    expectProblem(await bob.call('GET', path), 404, 'operation_not_found');
    // The token of a write is of its namespace, not of its user; it opens nothing.
    const headers = { 'Soma-Consistency-Token': tokenOf(written) };
    expectProblem(await bob.get('a3', headers), 404, 'memory_not_found');
  });

  test('gets no outcome of another by an Idempotency-Key', async () => {
    const headers = { 'Idempotency-Key': 'one-for-all' };
    const first = await ann.put('keyed', { text: MARK }, { headers });
    const others = await bob.put('keyed', { text: MARK }, { headers });
    expectProblem(others, 403, 'forbidden');
    expect(others.text).not.toContain(first.body.operation_id);
    expect((await ann.put('keyed', { text: MARK }, { headers })).body).toEqual(first.body);
  });

  test('takes a coord again that another has left, and sees nothing of what was there', async () => {
    await ann.put('left', { payload: { text: MARK } });
    await ann.delete('left');
    expectProblem(await bob.get('left'), 404, 'memory_not_found');
    expect((await bob.put('left', { payload: { text: 'his' } })).status).toBe(201);
    expect((await bob.get('left')).text).not.toContain(MARK);
    expectProblem(await ann.get('left'), 404, 'memory_not_found');
  });
});
