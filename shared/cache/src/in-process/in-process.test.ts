import { describe, expect, test } from '@jest/globals';
import { describeCache, describeLimiter, describeOutcomes } from '../contract/index.js';
import { freshNamespace, memoryAt, operationOf } from '../contract/states.js';
import { until } from '../contract/until.js';
import { createInProcessCache } from './cache.js';
import { createInProcessLimiter } from './limiter.js';
import { createInProcessOutcomes } from './outcomes.js';

describeCache('in process', ({ entries = 50, ...ttl }) => {
  const cache = createInProcessCache({ ...ttl, maxEntries: entries });
  const others = Array.from({ length: entries }, (_, index) => `other${index}`);
  let revision = 0;
  return Promise.resolve({
    cache,
    // The least recently used entry leaves when as many others as there is room for have come.
    evict: (namespace) => {
      revision += 1;
      return cache.put(others.map((key) => memoryAt(`${namespace}-others`, key, revision)));
    },
    close: () => cache.close(),
  });
});
describeOutcomes('in process', () => Promise.resolve(createInProcessOutcomes()));
describeLimiter('in process', () => Promise.resolve(createInProcessLimiter()));

describe('the cache in process is bounded', () => {
  test('by entries: the least recently read leaves, and is counted', async () => {
    let evicted = 0;
    const metrics = {
      hits: () => undefined,
      misses: () => undefined,
      filled: () => undefined,
      evicted: (count: number) => {
        evicted += count;
      },
    };
    const cache = createInProcessCache({ maxEntries: 2, metrics });
    const namespace = freshNamespace();
    await cache.put([memoryAt(namespace, 'a', 1), memoryAt(namespace, 'b', 1)]);
    await cache.read(namespace, ['a']);
    await cache.put([memoryAt(namespace, 'c', 1)]);
    const reads = await cache.read(namespace, ['a', 'b', 'c']);
    expect(reads.map(({ hit }) => hit)).toEqual([true, false, true]);
    expect(evicted).toBe(1);
  });

  test('by bytes; a state larger than all room leaves no older one behind', async () => {
    const cache = createInProcessCache({ maxBytes: 10_000 });
    const namespace = freshNamespace();
    await cache.put([
      memoryAt(namespace, 'a', 1, 'x'.repeat(1_000)),
      memoryAt(namespace, 'b', 1, 'x'.repeat(1_000)),
    ]);
    await cache.put([memoryAt(namespace, 'c', 1, 'x'.repeat(1_000))]);
    const reads = await cache.read(namespace, ['a', 'b', 'c']);
    expect(reads.map(({ hit }) => hit)).toEqual([false, true, true]);
    await cache.put([memoryAt(namespace, 'c', 2, 'x'.repeat(20_000))]);
    expect((await cache.read(namespace, ['c']))[0]?.hit).toBe(false);
  });

  test('counts hits, misses and fills', async () => {
    const counts = { hits: 0, misses: 0, leased: 0, accepted: 0, refused: 0 };
    const cache = createInProcessCache({
      metrics: {
        hits: (count) => void (counts.hits += count),
        misses: (count, leased) => {
          counts.misses += count;
          counts.leased += leased;
        },
        filled: (accepted) => {
          counts[accepted ? 'accepted' : 'refused'] += 1;
        },
        evicted: () => undefined,
      },
    });
    const namespace = freshNamespace();
    const [read] = await cache.read(namespace, ['k', 'k']);
    const lease = read?.hit === false ? String(read.lease) : '';
    await cache.fill(namespace, 'k', lease, memoryAt(namespace, 'k', 1));
    await cache.fill(namespace, 'k', lease, memoryAt(namespace, 'k', 1));
    await cache.read(namespace, ['k']);
    expect(counts).toEqual({ hits: 1, misses: 2, leased: 1, accepted: 1, refused: 1 });
  });
});

test('the limiter in process forgets its oldest bucket when it is full', async () => {
  const limiter = createInProcessLimiter({ maxBuckets: 2 });
  const rule = { name: 'write', quota: 1, window_seconds: 60 };
  for (const key of ['a', 'b', 'c']) await limiter.consume(rule, key);
  expect(await limiter.consume(rule, 'c')).toMatchObject({ allowed: false });
  expect(await limiter.consume(rule, 'a')).toMatchObject({ allowed: true });
  await limiter.close();
});

test('outcomes in process drop and count what would grow without bound', async () => {
  let dropped = 0;
  let heard = 0;
  const outcomes = createInProcessOutcomes({
    metrics: { dropped: (operations) => void (dropped += operations) },
  });
  await outcomes.subscribe('me', (operations) => void (heard += operations.length));
  const batch = Array.from({ length: 1_000 }, (_, index) => operationOf(String(index)));
  for (let call = 0; call < 12; call += 1) await outcomes.publish('me', batch);
  await until(() => heard > 0);
  expect(dropped).toBe(2_000);
  await until(() => heard === 10_000);
});
