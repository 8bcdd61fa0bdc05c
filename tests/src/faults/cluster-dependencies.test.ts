import { afterEach, describe, expect, test } from '@jest/globals';
import { Client, coordsOf, type Answer } from '../acceptance/client.js';
import { expectProblem } from '../acceptance/expect-problem.js';
import { readyStatus, startCluster, startStores, until, untilReady, type Cluster, type Stores } from '../system/index.js';

const KAFKA = 0;

let stores: Stores;
let cluster: Cluster;

afterEach(async () => {
  await cluster.stop();
  await stores.stop();
});

/** Writes one by one until stopped; what was taken, and every status that was not 201. */
function steadyWrites(client: Client) {
  const taken: string[] = [];
  const others = new Set<number>();
  const ending = new AbortController();
  const done = (async () => {
    for (let n = 0; !ending.signal.aborted; n += 1) {
      const answer = await client.put(`m${n}`, { payload: { n } }, { headers: { Prefer: 'wait=1' } });
      if (answer.status === 201 || answer.status === 202) taken.push(`m${n}`);
      if (answer.status !== 201) others.add(answer.status);
    }
  })();
  return {
    taken,
    others,
    stop: async () => {
      ending.abort();
      await done;
    },
  };
}

async function untilAllThere(client: Client, coords: readonly string[]): Promise<void> {
  for (const coord of coords) {
    await until(`${coord} to be there`, 60_000, async () => (await client.get(coord)).status === 200);
  }
}

function store(client: Client, coord: string): Promise<Answer<unknown>> {
  return client.put(coord, { payload: { text: coord } });
}

describe('a dependency of the cluster is out', () => {
  test('Kafka at the start: the gateway runs, says not ready, refuses writes, and recovers by itself', async () => {
    stores = await startStores();
    await stores.kafka.kill(KAFKA);
    cluster = await startCluster({ stores, withoutWaiting: true });
    const gateway = cluster.opsUrls['gateway'] ?? '';
    await until('the gateway to answer', 60_000, async () => (await readyStatus(gateway)) === 503);
    expect(await readyStatus(cluster.url)).toBe(503);

    const client = new Client({ target: cluster });
    const refused = await store(client, 'during');
    expectProblem(refused, 503, 'event_log_unavailable');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(cluster.services.filter(({ ended }) => ended).map(({ name }) => name)).toEqual([]);

    await stores.kafka.restart(KAFKA);
    await Promise.all(cluster.services.map((service) => untilReady(service, cluster.opsUrls[service.name] ?? '')));
    expect((await store(client, 'after')).status).toBe(201);
    await until('the write to be found', 30_000, async () => coordsOf(await client.search({ query: 'after' })).includes('after'));
  });

  test('Redis killed: reads and writes go on, and the cache comes back', async () => {
    stores = await startStores();
    cluster = await startCluster({ stores });
    const client = new Client({ target: cluster });
    await store(client, 'before');
    await client.get('before');
    await stores.redis.kill();
    for (let n = 0; n < 20; n += 1) {
      expect((await store(client, `during${n}`)).status).toBe(201);
      expect((await client.get(`during${n}`)).body.memory.payload).toEqual({ text: `during${n}` });
    }
    expect((await client.get('before')).status).toBe(200);
    expect((await client.search({ query: 'before' })).status).toBe(200);
    await client.put('before', { payload: { text: 'changed while Redis was out' } });

    await stores.redis.restart();
    await until('the changed memory', 30_000, async () => {
      const { body } = await client.get('before');
      return body.memory.payload['text'] === 'changed while Redis was out';
    });
    expect((await store(client, 'after')).status).toBe(201);
    expect(cluster.services.filter(({ ended }) => ended).map(({ name }) => name)).toEqual([]);
  });

  test('Redis answers no more but its connections stand: reads and writes go on', async () => {
    stores = await startStores();
    cluster = await startCluster({ stores });
    const client = new Client({ target: cluster });
    await store(client, 'before');
    stores.redis.pause();
    try {
      expect((await store(client, 'during')).status).toBe(201);
      expect((await client.get('during')).status).toBe(200);
    } finally {
      stores.redis.resume();
    }
  });

  test('Postgres out for a while: writes are promised or refused, and what was promised is there afterwards', async () => {
    stores = await startStores();
    cluster = await startCluster({ stores });
    const client = new Client({ target: cluster });
    const writes = steadyWrites(client);
    await until('writes', 30_000, () => writes.taken.length > 20);
    await stores.postgres.halt();
    const before = writes.taken.length;
    await until('writes to be answered without Postgres', 30_000, () => writes.others.size > 0);
    await stores.postgres.restart();
    await until('writes to be stored again', 60_000, async () => (await store(client, 'probe')).status < 202);
    await writes.stop();
    expect([...writes.others].filter((status) => status !== 202 && status !== 503)).toEqual([]);
    expect(writes.taken.length).toBeGreaterThanOrEqual(before);
    await untilAllThere(client, writes.taken);
    expect(cluster.services.filter(({ ended }) => ended).map(({ name }) => name)).toEqual([]);
  });

  test('Kafka out for a while: writes are refused, reads go on, and what was taken is there afterwards', async () => {
    stores = await startStores();
    cluster = await startCluster({ stores });
    const client = new Client({ target: cluster });
    await store(client, 'before');
    await stores.kafka.kill(KAFKA);
    expectProblem(await store(client, 'during'), 503, 'event_log_unavailable');
    expect((await client.get('before')).status).toBe(200);
    expect((await client.search({ query: 'before' })).status).toBe(200);
    await stores.kafka.restart(KAFKA);
    await until('writes to be taken again', 60_000, async () => (await store(client, 'after')).status === 201);
    await until('the write to be found', 60_000, async () => coordsOf(await client.search({ query: 'after' })).includes('after'));
  });

  test('the writer killed: writes are promised, and another writer keeps the promise', async () => {
    stores = await startStores();
    cluster = await startCluster({ stores });
    const client = new Client({ target: cluster });
    await cluster.service('writer').kill();
    const promised = await client.put('m', { payload: {} }, { headers: { Prefer: 'wait=1' } });
    expect(promised.status).toBe(202);
    cluster.restart('writer');
    await until('the promise to be kept', 60_000, async () => (await client.get('m')).status === 200);
  });
});
