import { describe, expect, test } from '@jest/globals';
import { createCachedEmbedder } from './cached.js';
import { describeEmbedder, vectorOf } from './contract/index.js';
import { createHashEmbedder } from './hash/index.js';
import type { Embedder } from './port.js';

describeEmbedder('cached', () => Promise.resolve(createCachedEmbedder(createHashEmbedder())));

/** The hash embedder, telling what it is asked, and answering when it is let go. */
function watched(): { embedder: Embedder; asked: string[][]; hold: Promise<void>[]; fail: Error[] } {
  const inner = createHashEmbedder({ dimension: 16 });
  const seen = { asked: [] as string[][], hold: [] as Promise<void>[], fail: [] as Error[] };
  const embed: Embedder['embed'] = async (texts, options) => {
    seen.asked.push(texts);
    await seen.hold.shift();
    const failure = seen.fail.shift();
    if (failure !== undefined) throw failure;
    return inner.embed(texts, options);
  };
  return { embedder: { ...inner, embed }, ...seen };
}

const query = { purpose: 'query' } as const;

describe('the cache of query vectors', () => {
  test('asks for a text once, then never again, and only for what is missing', async () => {
    const { embedder, asked } = watched();
    const cached = createCachedEmbedder(embedder);
    const first = await cached.embed(['a', 'b', 'a'], query);
    const second = await cached.embed(['b', 'c', 'a'], query);
    expect(asked).toEqual([['a', 'b'], ['c']]);
    expect(second[2]).toEqual(first[0]);
    expect(first[2]).toEqual(first[0]);
  });

  test('lets documents pass', async () => {
    const { embedder, asked } = watched();
    const cached = createCachedEmbedder(embedder);
    await cached.embed(['a'], { purpose: 'document' });
    await cached.embed(['a'], { purpose: 'document' });
    expect(asked).toHaveLength(2);
  });

  test('equal texts under way are one request; a caller that gives up leaves the other its answer', async () => {
    const { embedder, asked, hold } = watched();
    const cached = createCachedEmbedder(embedder);
    let release = (): void => undefined;
    hold.push(new Promise((resolve) => (release = resolve)));
    const leaving = new AbortController();
    const left = cached.embed(['a'], { ...query, signal: leaving.signal });
    const stayed = cached.embed(['a'], query);
    leaving.abort(new Error('enough'));
    await expect(left).rejects.toMatchObject({ code: 'embedder_unavailable', retryable: true });
    release();
    expect(vectorOf((await stayed)[0])).toHaveLength(16);
    expect(asked).toEqual([['a']]);
  });

  test('a failure reaches all who wait, and is not kept', async () => {
    const { embedder, asked, fail } = watched();
    const cached = createCachedEmbedder(embedder);
    fail.push(new Error('out'));
    const outcomes = await Promise.allSettled([cached.embed(['a'], query), cached.embed(['a', 'b'], query)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await cached.embed(['a'], query);
    expect(asked.at(-1)).toEqual(['a']);
  });

  test('is bounded by entries and by bytes', async () => {
    for (const bounds of [{ maxEntries: 2 }, { maxBytes: 2 * (16 * 4 + 200) }]) {
      const { embedder, asked } = watched();
      const cached = createCachedEmbedder(embedder, bounds);
      for (const text of ['a', 'b', 'c', 'c', 'b', 'a']) await cached.embed([text], query);
      expect(asked).toEqual([['a'], ['b'], ['c'], ['a']]);
    }
  });

  test('no caller can change what the next one gets', async () => {
    const cached = createCachedEmbedder(createHashEmbedder());
    const [first] = await cached.embed(['a'], query);
    vectorOf(first).fill(0);
    expect(vectorOf((await cached.embed(['a'], query))[0]).some((component) => component !== 0)).toBe(true);
  });
});
