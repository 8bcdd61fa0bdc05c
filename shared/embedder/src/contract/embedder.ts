import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Embedder, Embedding } from '../port.js';

/** What the Embedder port demands of every adapter. `create` gives one that is not started yet. */
export function describeEmbedder(name: string, create: () => Promise<Embedder>): void {
  describe(`${name} as an embedder`, () => {
    let embedder: Embedder;
    beforeAll(async () => {
      embedder = await create();
      await embedder.start();
    });
    afterAll(() => embedder.close());
    const embed = (texts: string[]) => embedder.embed(texts, { purpose: 'document' });

    test('says its model and dimension', () => {
      expect(embedder.model).not.toBe('');
      expect(embedder.dimension).toBeGreaterThan(0);
    });

    test('answers nothing with nothing', async () => {
      expect(await embed([])).toEqual([]);
    });

    test('answers in the order of the texts, however many', async () => {
      const texts = Array.from({ length: 300 }, (_, index) => `memory number ${index} of a long day`);
      const together = (await embed(texts)).map(vectorOf);
      for (const index of [0, 63, 64, 150, 299]) {
        const [alone] = await embed([texts[index] ?? '']);
        expect(cosine(together[index], vectorOf(alone))).toBeCloseTo(1, 4);
      }
    });

    test('gives equal texts equal vectors, and different texts different ones', async () => {
      const [a, b, c] = (await embed(['the cat sleeps', 'the cat sleeps', 'stocks fell on Monday'])).map(
        vectorOf,
      );
      expect(cosine(a, b)).toBeCloseTo(1, 4);
      expect(cosine(a, c)).toBeLessThan(0.99);
    });

    test('answers any text with a finite vector of unit length, or refuses it', async () => {
      // Any code unit, lone surrogates among them.
      const unit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code));
      const texts = fc.array(fc.oneof(fc.string({ unit }), fc.string(), fc.constant('')), { maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(texts, async (some) => {
          const embeddings = await embed(some);
          expect(embeddings).toHaveLength(some.length);
          for (const embedding of embeddings) {
            if ('vector' in embedding) expectUnit(embedding.vector, embedder.dimension);
            else expect(embedding.refused).not.toBe('');
          }
        }),
        { numRuns: 25 },
      );
    });

    test('lets others run while it works', async () => {
      let turns = 0;
      const ticker = setInterval(() => (turns += 1), 1);
      try {
        await embed(
          Array.from({ length: 40 }, (_, index) => `${index} a long text that goes on `.repeat(1_000)),
        );
      } finally {
        clearInterval(ticker);
      }
      expect(turns).toBeGreaterThan(0);
    });

    test('a caller that has given up gets embedder_unavailable or its answer', async () => {
      const signal = AbortSignal.abort(new Error('enough'));
      const outcome = await embedder
        .embed(['text'], { purpose: 'query', signal })
        .catch((error: unknown) => error);
      if (!Array.isArray(outcome))
        expect(outcome).toMatchObject({ code: 'embedder_unavailable', retryable: true });
    });
  });
}

export function vectorOf(embedding: Embedding | undefined): Float32Array {
  if (embedding === undefined || !('vector' in embedding)) throw new Error('no vector');
  return embedding.vector;
}

export function cosine(a: Float32Array | undefined, b: Float32Array | undefined): number {
  let sum = 0;
  for (const [index, component] of (a ?? []).entries()) sum += component * (b?.[index] ?? 0);
  return sum;
}

function expectUnit(vector: Float32Array, dimension: number): void {
  expect(vector).toBeInstanceOf(Float32Array);
  expect(vector).toHaveLength(dimension);
  expect(vector.every(Number.isFinite)).toBe(true);
  expect(Math.sqrt(cosine(vector, vector))).toBeCloseTo(1, 4);
}
