import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CachedRevision } from '../port.js';
import type { CacheUnderTest, CreateCache } from './cache-under-test.js';
import { freshNamespace, memoryAt, tombstoneAt } from './states.js';

/** What a cache says of its own holdings. */
export function describeHoldings(create: CreateCache): void {
  let tested: CacheUnderTest;
  beforeAll(async () => {
    tested = await create({ entries: 1_000 });
  });
  afterAll(() => tested.close());

  /** Servers are shared: what belongs to other tests is left out. */
  async function scanned(limit: number, namespace: string): Promise<CachedRevision[]> {
    const entries: CachedRevision[] = [];
    for (let after: string | null = null; ;) {
      const page = await tested.cache.scan({ after, limit });
      entries.push(...page.entries.filter((entry) => entry.namespace === namespace));
      if (page.next === null) break;
      after = page.next;
    }
    const once = new Map(entries.map((entry) => [entry.key, entry]));
    return [...once.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  test('tells revisions by key, takes no lease for it', async () => {
    const namespace = freshNamespace();
    await tested.cache.put([memoryAt(namespace, '1,2', 2 ** 53 - 1), tombstoneAt(namespace, 'gone', 7)]);
    const keys = ['gone', 'absent', '1,2'];
    expect(await tested.cache.revisions(namespace, keys)).toEqual([7, undefined, 2 ** 53 - 1]);
    expect(await tested.cache.revisions(namespace, [])).toEqual([]);
    const [read] = await tested.cache.read(namespace, ['absent']);
    expect(read).toEqual({ hit: false, lease: expect.any(String) });
  });

  test.each([3, 500])('is scanned in pages of %d, every entry', async (limit) => {
    const namespace = freshNamespace();
    const keys = Array.from({ length: 40 }, (_, at) => `k${String(at).padStart(2, '0')}:~@+-.a`);
    await tested.cache.put(keys.map((key, at) => memoryAt(namespace, key, at)));
    await tested.cache.read(namespace, ['only-a-lease']);
    expect(await scanned(limit, namespace)).toEqual(
      keys.map((key, revision) => ({ namespace, key, revision })),
    );
  });

  test('loses an entry by its revision, and a reader fills it anew', async () => {
    const namespace = freshNamespace();
    await tested.cache.put(['a', 'b', 'c'].map((key) => memoryAt(namespace, key, 5)));
    const of = (key: string, revision: number) => ({ namespace, key, revision });
    await tested.cache.remove([of('a', 5), of('b', 4), of('never', 5)]);
    expect(await tested.cache.revisions(namespace, ['a', 'b', 'c'])).toEqual([undefined, 5, 5]);
    const [read] = await tested.cache.read(namespace, ['a']);
    const lease = read?.hit === false ? String(read.lease) : '';
    await tested.cache.fill(namespace, 'a', lease, memoryAt(namespace, 'a', 2));
    expect(await tested.cache.revisions(namespace, ['a'])).toEqual([2]);
    await tested.cache.remove([]);
  });
}
