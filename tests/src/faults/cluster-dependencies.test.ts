import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Client, coordsOf, type Answer } from '../acceptance/client.js';
import { expectProblem } from '../acceptance/expect-problem.js';
import {
  readyStatus,
  startCluster,
  startStores,
  until,
  untilReady,
  type Cluster,
  type Stores,
} from '../system/index.js';

const KAFKA = 0;

// A dependency that comes back is found again after backoff, by several processes.
jest.setTimeout(180_000);

let stores: Stores;

beforeAll(async () => {
  stores = await startStores();
});
afterAll(() => stores.stop());

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

/** Services that are no longer there, with their last words. */
function endedOf(cluster: Cluster): string[] {
  return cluster.services
    .filter(({ ended }) => ended)
    .map(({ name, output }) => `${name}: ${output.slice(-2_000)}`);
}

async function untilAllReady(cluster: Cluster): Promise<void> {
  await Promise.all(
    cluster.services.map((service) => untilReady(service, cluster.opsUrls[service.name] ?? '')),
  );
}

test('Kafka is out when the cluster starts: it says not ready, refuses writes, and recovers by itself', async () => {
  await stores.kafka.kill(KAFKA);
  const cluster = await startCluster({ stores, withoutWaiting: true });
  try {
    const gateway = cluster.opsUrls['gateway'] ?? '';
    await until('the gateway to answer', 60_000, async () => (await readyStatus(gateway)) === 503);
    expect(await readyStatus(cluster.url)).toBe(503);
    const client = new Client({ target: cluster });
    const refused = await store(client, 'refused');
    expectProblem(refused, 503, 'event_log_unavailable');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(endedOf(cluster)).toEqual([]);

    await stores.kafka.restart(KAFKA);
    await untilAllReady(cluster);
    expect((await store(client, 'recovered')).status).toBeLessThan(300);
    await until('the write to be found', 60_000, async () => {
      return coordsOf(await client.search({ query: 'recovered' })).includes('recovered');
    });
  } finally {
    await cluster.stop();
  }
});

describe('a dependency of a running cluster is out', () => {
  let cluster: Cluster;
  let client: Client;

  beforeAll(async () => {
    cluster = await startCluster({ stores });
    client = new Client({ target: cluster });
    await client.remember('kestrel', 'a kestrel above the field');
  });
  afterEach(async () => {
    expect(endedOf(cluster)).toEqual([]);
    await untilAllReady(cluster);
  });
  afterAll(() => cluster.stop());

  test('Redis killed: reads and writes go on, and the cache comes back', async () => {
    await client.get('kestrel');
    await stores.redis.kill();
    for (let n = 0; n < 20; n += 1) {
      expect((await store(client, `redis${n}`)).status).toBe(201);
      expect((await client.get(`redis${n}`)).body.memory.payload).toEqual({ text: `redis${n}` });
    }
    expect((await client.get('kestrel')).status).toBe(200);
    expect((await client.search({ query: 'kestrel' })).status).toBe(200);
    await client.put('kestrel', { payload: { text: 'changed while Redis was out' } });

    await stores.redis.restart();
    await until('the changed memory', 30_000, async () => {
      const { body } = await client.get('kestrel');
      return body.memory.payload['text'] === 'changed while Redis was out';
    });
    expect((await store(client, 'after-redis')).status).toBe(201);
  });

  test('Redis answers no more but its connections stand: reads and writes go on', async () => {
    stores.redis.pause();
    try {
      expect((await store(client, 'paused')).status).toBe(201);
      expect((await client.get('paused')).status).toBe(200);
    } finally {
      stores.redis.resume();
    }
  });

  test('Postgres out for a while: writes are promised or refused, and what was promised is there afterwards', async () => {
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
  });

  test('Kafka out for a while: writes are refused, reads go on, and what was taken is there afterwards', async () => {
    await stores.kafka.kill(KAFKA);
    expectProblem(await store(client, 'refused'), 503, 'event_log_unavailable');
    expect((await client.get('kestrel')).status).toBe(200);
    expect((await client.search({ query: 'kestrel' })).status).toBe(200);
    await stores.kafka.restart(KAFKA);
    await until('writes to be taken again', 60_000, async () => (await store(client, 'heron')).status < 202);
    await until('the write to be found', 60_000, async () =>
      coordsOf(await client.search({ query: 'heron' })).includes('heron'),
    );
  });

  test('the writer killed: writes are promised, and another writer keeps the promise', async () => {
    await cluster.service('writer').kill();
    const promised = await client.put('m', { payload: {} }, { headers: { Prefer: 'wait=1' } });
    expect(promised.status).toBe(202);
    cluster.restart('writer');
    await until('the promise to be kept', 60_000, async () => (await client.get('m')).status === 200);
  });
});
