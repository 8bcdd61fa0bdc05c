import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { until } from '../system/index.js';
import type { GraphAnswer, MemoryAnswer } from './answers.js';
import { Client, coordsOf } from './client.js';
import { expectProblem } from './expect-problem.js';
import { Store } from './store.js';

function untilGone(client: Client, coord: string): Promise<true> {
  return until(
    `${coord} to expire`,
    5_000,
    async () => (await client.get(coord)).status === 404 || undefined,
  );
}

describe('expiry', () => {
  test('a memory with ttl_seconds is there, then gone from every read at once', async () => {
    const client = new Client();
    await client.remember('stays', 'heron by the river');
    const written = Date.now();
    await client.remember('goes', 'heron by the lake', { ttl_seconds: 2 });
    await client.call('POST', '/graph/links?until=indexed', {
      json: { from_coord: 'stays', to_coord: 'goes' },
    });
    const { memory } = (await client.get('goes')).body;
    expect(Math.abs(Date.parse(memory.expires_at ?? '') - written - 2000)).toBeLessThan(1500);
    expect(coordsOf(await client.search({ query: 'heron' })).sort()).toEqual(['goes', 'stays']);

    await untilGone(client, 'goes');
    expect(coordsOf(await client.search({ query: 'heron' }))).toEqual(['stays']);
    const many = await client.call<{ memories: (MemoryAnswer | null)[] }>('POST', '/memories/get', {
      json: { coords: ['goes', 'stays'] },
    });
    expect(many.body.memories.map((found) => found?.coord ?? null)).toEqual([null, 'stays']);
    const neighbors = await client.call<GraphAnswer>('GET', '/graph/neighbors?coord=stays');
    expect(neighbors.body.links).toEqual([]);
  });

  test('an expired memory is absent to writes, and one made again goes on counting', async () => {
    const client = new Client();
    await client.put('m', { payload: { n: 1 }, ttl_seconds: 1 });
    await untilGone(client, 'm');
    const patched = await client.call('PATCH', '/memories/m', { json: { payload: { n: 2 } } });
    expectProblem(patched, 404, 'memory_not_found');
    const remade = await client.put('m', { payload: {} }, { headers: { 'If-None-Match': '*' } });
    expect(remade.status).toBe(201);
    expect(remade.body.version).toBeGreaterThan(1);
    expect((await client.get('m')).body.memory.expires_at).toBeNull();
  });

  test('a memory that was cached before its expiry is not served after it', async () => {
    const client = new Client();
    const expiresAt = new Date(Date.now() + 1500).toISOString();
    await client.put('m', { payload: {}, expires_at: expiresAt });
    await until('the expiry, read all the while', 5_000, async () => {
      const before = Date.now();
      const { status } = await client.get('m');
      // The clocks of this test and of Postgres are the same machine's.
      if (before > Date.parse(expiresAt) + 5) expect(status).toBe(404);
      return status === 404;
    });
  });

  test('an expired memory leaves the store and the index; only the history remembers it', async () => {
    const client = new Client();
    const word = `word${randomBytes(8).toString('hex')}`;
    await client.remember('goes', word, { ttl_seconds: 1 });
    await client.remember('stays', 'of no end');
    const store = new Store();
    await until('its content to be gone', 60_000, async () => {
      const tables = await store.tablesHolding(word);
      return tables.join() === 'history';
    });
    await store.close();
    expect((await client.get('stays')).status).toBe(200);
    const made = await client.put('goes', { payload: {} });
    expect([made.status, made.body.version]).toEqual([201, 3]);
  });

  test('expires_at in the past makes a memory that nobody reads', async () => {
    const client = new Client();
    const answer = await client.put('m', { payload: {}, expires_at: '2001-01-01T00:00:00Z' });
    expect(answer.status).toBe(201);
    expectProblem(await client.get('m'), 404, 'memory_not_found');
  });

  test('a longer life is given by writing again', async () => {
    const client = new Client();
    await client.put('m', { payload: {}, ttl_seconds: 1 });
    await client.put('m', { payload: {} });
    await client.put('other', { payload: {}, ttl_seconds: 1 });
    await untilGone(client, 'other');
    expect((await client.get('m')).status).toBe(200);
  });
});
