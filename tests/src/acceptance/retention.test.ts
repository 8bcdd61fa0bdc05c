import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { until } from '../system/index.js';
import { Client } from './client.js';
import { expectProblem } from './expect-problem.js';
import { ended, type JobAnswer } from './job.js';
import { startOwnSystem } from './own-system.js';

interface Kept {
  namespace: string;
  policy: JsonObject;
  last_run: { at: string; deleted: number } | null;
  deleted: { ttl: number; decay: number; max_memories: number };
}

const set = (client: Client, json: JsonObject) =>
  client.call<{ retention: Kept }>('PUT', `/admin/retention/${client.namespace}`, { json });
const look = (client: Client) =>
  client.call<{ retention: Kept }>('GET', `/admin/retention/${client.namespace}`);

/** What the policy is after it was enforced once. */
async function enforced(client: Client): Promise<Kept> {
  let asked = -Infinity;
  return until('the policy to be enforced', 60_000, async () => {
    if (performance.now() - asked < 200) return undefined;
    asked = performance.now();
    const { retention } = (await look(client)).body;
    return retention.last_run === null ? undefined : retention;
  });
}

async function left(client: Client, ...coords: string[]): Promise<string[]> {
  const { body } = await client.call<{ memories: unknown[] }>('POST', '/memories/get', { json: { coords } });
  return coords.filter((_, at) => body.memories[at] !== null);
}

describe('a retention policy', () => {
  test('deletes what has lost its importance, then the oldest beyond the greatest number, and tells how many', async () => {
    const [client, neighbour] = [new Client(), new Client()];
    await neighbour.put('a', { text: 'x', importance: 0 });
    await client.put('worthless', { text: 'x', importance: 0 });
    for (const coord of ['a', 'b', 'c']) await client.put(coord, { text: 'x', importance: 1 });
    const policy = { max_memories: 2, decay: { half_life: '30d', min_score: 0.05 } };
    expect((await set(client, policy)).status).toBe(200);
    const { deleted, last_run } = await enforced(client);
    expect({ deleted, last_run }).toMatchObject({
      deleted: { ttl: 0, decay: 1, max_memories: 1 },
      last_run: { deleted: 2 },
    });
    expect(await left(client, 'worthless', 'a', 'b', 'c')).toEqual(['b', 'c']);
    expect(await left(neighbour, 'a')).toEqual(['a']);
    expect((await client.put('a', { text: 'anew' })).body.version).toBe(3);
  });

  test('deletes what was not written for too long', async () => {
    const client = new Client();
    await client.put('m', { text: 'x' });
    await until('the memory to be older than the policy lets it', 10_000, async () => {
      const { body } = await client.get('m');
      return Date.now() - Date.parse(body.memory.updated_at) > 1_500;
    });
    await set(client, { ttl_seconds: 1 });
    expect(await enforced(client)).toMatchObject({ deleted: { ttl: 1 } });
    expect(await left(client, 'm')).toEqual([]);
  });

  test('is tried before it is set: what would go and why, nothing of what it holds', async () => {
    const client = new Client();
    await client.put('worthless', { text: 'kingfisher', importance: 0 });
    await client.put('kept', { text: 'kingfisher' });
    const json = { decay: { half_life: '7d', min_score: 0.01 } };
    const path = `/admin/retention/${client.namespace}/try`;
    const job = await ended(client, await client.call<{ job: JobAnswer }>('POST', path, { json }));
    expect(job.result).toEqual({
      live: 2,
      would_delete: { ttl: 0, decay: 1, max_memories: 0 },
      coords: { ttl: [], decay: ['worthless'], max_memories: [] },
    });
    expect(await left(client, 'worthless', 'kept')).toHaveLength(2);
    expectProblem(await look(client), 404, 'retention_not_found');
  });

  test('is listed, and removed', async () => {
    const client = new Client();
    await set(client, { max_memories: 1_000 });
    const { body } = await client.call<{ retention: Kept[] }>('GET', '/admin/retention?limit=200');
    expect(body.retention.map(({ namespace }) => namespace)).toContain(client.namespace);
    const path = `/admin/retention/${client.namespace}`;
    expect((await client.call('DELETE', path)).body).toEqual({ removed: true });
    expectProblem(await look(client), 404, 'retention_not_found');
  });

  test.each<[JsonObject]>([[{}], [{ ttl_seconds: 0 }], [{ decay: { half_life: '1y', min_score: 0 } }]])(
    '%j is none',
    async (json) => {
      const client = new Client();
      expectProblem(await set(client, json), 400, 'invalid_request');
      expectProblem(await look(client), 404, 'retention_not_found');
    },
  );
});

test('what is read keeps its score longer, where accesses are counted', async () => {
  const system = await startOwnSystem({ SOMA_ACCESS_COUNTS: '1' });
  try {
    const client = new Client({ target: system.target });
    for (const coord of ['read', 'unread']) await client.put(coord, { text: 'x', importance: 0.5 });
    for (let n = 0; n < 10; n += 1) await client.get('read');
    // Below 0.45 after 9 seconds, with ten accesses after 40.
    const json = { decay: { half_life: '1m', min_score: 0.45, accesses: true } };
    const path = `/admin/retention/${client.namespace}/try`;
    const result = await until('one of them to have faded', 30_000, async () => {
      const job = await ended(client, await client.call<{ job: JobAnswer }>('POST', path, { json }));
      const { decay } = job.result?.['would_delete'] as { decay: number };
      return decay === 0 ? undefined : job.result;
    });
    expect(result).toMatchObject({ live: 2, coords: { decay: ['unread'] } });
  } finally {
    await system.stop();
  }
}, 120_000);
