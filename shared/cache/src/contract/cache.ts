import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CacheRead } from '../port.js';
import { describeCacheInterleavings } from './cache-interleavings.js';
import { describeHoldings } from './cache-holdings.js';
import type { CacheUnderTest, CreateCache } from './cache-under-test.js';
import { freshNamespace, memoryAt, tombstoneAt } from './states.js';
import { until } from './until.js';

/** What the Cache port demands of every adapter. */
export function describeCache(name: string, create: CreateCache): void {
  describe(`${name} as a cache`, () => {
    describeEntries(create);
    describeLeases(create);
    describeHoldings(create);
    describeCacheInterleavings(create);
  });
}

function describeEntries(create: CreateCache): void {
  let tested: CacheUnderTest;
  beforeAll(async () => {
    tested = await create({});
  });
  afterAll(() => tested.close());

  test('answers', async () => {
    await expect(tested.cache.ping()).resolves.toBeUndefined();
  });

  test('gives states back as they were put, tombstones and expired ones too, in the order of the keys', async () => {
    const namespace = freshNamespace();
    const states = [
      memoryAt(namespace, '1,2', 2 ** 53 - 1),
      tombstoneAt(namespace, 'gone', 7),
      { ...memoryAt(namespace, 'old', 0), expires_at: 1 },
    ];
    await tested.cache.put(states);
    const reads = await tested.cache.read(namespace, ['gone', 'absent', '1,2', 'old', '1,2']);
    expect(reads.map(stateOf)).toEqual([states[1], undefined, states[0], states[2], states[0]]);
  });

  test('keeps namespaces apart', async () => {
    const [one, other] = [freshNamespace(), freshNamespace()];
    await tested.cache.put([memoryAt(one, 'k', 1)]);
    expect((await tested.cache.read(other, ['k'])).map(stateOf)).toEqual([undefined]);
  });

  test('keeps the newest revision, also within one put', async () => {
    const namespace = freshNamespace();
    await tested.cache.put([9, 10, 5].map((revision) => memoryAt(namespace, 'k', revision)));
    await tested.cache.put([memoryAt(namespace, 'k', 8), memoryAt(namespace, 'k', 10, 'another')]);
    expect((await tested.cache.read(namespace, ['k'])).map(stateOf)).toEqual([memoryAt(namespace, 'k', 10)]);
  });

  test('takes nothing and a thousand', async () => {
    const large = await create({ entries: 1_000 });
    try {
      const namespace = freshNamespace();
      await large.cache.put([]);
      expect(await large.cache.read(namespace, [])).toEqual([]);
      const keys = Array.from({ length: 1_000 }, (_, index) => `k${index}`);
      await large.cache.put(keys.map((key, index) => memoryAt(namespace, key, index)));
      const reads = await large.cache.read(namespace, keys);
      expect(reads.map((read) => stateOf(read)?.revision)).toEqual(keys.map((_, index) => index));
    } finally {
      await large.close();
    }
  });

  test('no reader can change what the next one gets', async () => {
    const namespace = freshNamespace();
    await tested.cache.put([memoryAt(namespace, 'k', 1)]);
    const first = stateOf((await tested.cache.read(namespace, ['k']))[0]);
    if (first?.deleted === false) first.payload['note'] = 'changed';
    expect((await tested.cache.read(namespace, ['k'])).map(stateOf)).toEqual([memoryAt(namespace, 'k', 1)]);
  });

  test('forgets an entry after its time', async () => {
    const brief = await create({ entryTtlMs: 30 });
    try {
      const namespace = freshNamespace();
      await brief.cache.put([memoryAt(namespace, 'k', 1)]);
      await until(async () => stateOf((await brief.cache.read(namespace, ['k']))[0]) === undefined);
    } finally {
      await brief.close();
    }
  });
}

function describeLeases(create: CreateCache): void {
  let tested: CacheUnderTest;
  let namespace: string;
  beforeAll(async () => {
    tested = await create({});
    namespace = freshNamespace();
  });
  afterAll(() => tested.close());
  const revisionOf = async (key: string) => stateOf((await tested.cache.read(namespace, [key]))[0])?.revision;

  test('the first reader that misses may fill, others read for themselves meanwhile', async () => {
    const [first, second] = [await lease(tested, namespace, 'a'), await lease(tested, namespace, 'a')];
    expect(first).toEqual(expect.any(String));
    expect(second).toBeNull();
    await tested.cache.fill(namespace, 'a', String(first), memoryAt(namespace, 'a', 3));
    expect(await revisionOf('a')).toBe(3);
  });

  test('of one key asked for twice in one read, one answer has the lease', async () => {
    const reads = await tested.cache.read(namespace, ['b', 'b']);
    expect(reads.filter((read) => !read.hit && read.lease !== null)).toHaveLength(1);
  });

  test('a lease is good once, and only for its key', async () => {
    const mine = String(await lease(tested, namespace, 'c'));
    await tested.cache.fill(namespace, 'd', mine, memoryAt(namespace, 'd', 1));
    expect(await revisionOf('d')).toBeUndefined();
    await tested.cache.fill(namespace, 'c', mine, memoryAt(namespace, 'c', 1));
    await tested.evict(namespace, 'c');
    await tested.cache.fill(namespace, 'c', mine, memoryAt(namespace, 'c', 1));
    expect(await revisionOf('c')).toBeUndefined();
  });

  test('a made-up lease fills nothing', async () => {
    await tested.cache.fill(namespace, 'e', '', memoryAt(namespace, 'e', 1));
    await tested.cache.fill(namespace, 'e', 'made-up', memoryAt(namespace, 'e', 1));
    expect(await revisionOf('e')).toBeUndefined();
  });

  test('a change ends the lease, even when its entry is evicted before the reader fills', async () => {
    const old = String(await lease(tested, namespace, 'f'));
    await tested.cache.put([memoryAt(namespace, 'f', 2)]);
    await tested.evict(namespace, 'f');
    await tested.cache.fill(namespace, 'f', old, memoryAt(namespace, 'f', 1));
    expect(await revisionOf('f')).toBeUndefined();
  });

  test('the lease of a later reader does not serve an earlier one', async () => {
    const old = String(await lease(tested, namespace, 'g'));
    await tested.cache.put([memoryAt(namespace, 'g', 2)]);
    await tested.evict(namespace, 'g');
    const later = String(await lease(tested, namespace, 'g'));
    await tested.cache.fill(namespace, 'g', old, memoryAt(namespace, 'g', 1));
    expect(await revisionOf('g')).toBeUndefined();
    await tested.cache.fill(namespace, 'g', later, memoryAt(namespace, 'g', 2));
    expect(await revisionOf('g')).toBe(2);
  });

  test('a lease ends by its time', async () => {
    const brief = await create({ leaseTtlMs: 30 });
    try {
      const first = String(await lease(brief, namespace, 'h'));
      await until(async () => (await lease(brief, namespace, 'h')) !== null);
      await brief.cache.fill(namespace, 'h', first, memoryAt(namespace, 'h', 1));
      expect((await brief.cache.read(namespace, ['h']))[0]?.hit).toBe(false);
    } finally {
      await brief.close();
    }
  });
}

async function lease(tested: CacheUnderTest, namespace: string, key: string): Promise<string | null> {
  const [read] = await tested.cache.read(namespace, [key]);
  return read === undefined || read.hit ? null : read.lease;
}

function stateOf(read: CacheRead | undefined) {
  return read?.hit === true ? read.state : undefined;
}
