import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createOpenAiEmbedder } from '@soma/embedder/openai';
import { OwnEmbedder } from './embedder.js';

let own: OwnEmbedder;

beforeEach(async () => {
  own = await OwnEmbedder.start();
});
afterEach(() => own.stop());

function client() {
  const url = `http://127.0.0.1:${own.port}/v1`;
  return createOpenAiEmbedder({ url, model: own.model, dimension: own.dimension, maxAttempts: 1 });
}

test('the same text always has the same vector, and texts that share words lie nearer', async () => {
  const texts = ['a kestrel above the field', 'a kestrel above the wood', 'interest rates rose'];
  const first = await client().embed(texts, { purpose: 'document' });
  const second = await client().embed(texts, { purpose: 'document' });
  expect(second).toEqual(first);
  const [kestrel, other, rates] = first.map((embedding) => ('vector' in embedding ? embedding.vector : []));
  const product = (a: ArrayLike<number> = [], b: ArrayLike<number> = []) =>
    Array.from(a).reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  expect(product(kestrel, other)).toBeGreaterThan(product(kestrel, rates));
});

test.each(['unavailable', 'rate-limited', 'nan', 'wrong-dimension'] as const)(
  '%s is an outage to who asks, and passes',
  async (mode) => {
    own.set(mode);
    await expect(client().embed(['text'], { purpose: 'document' })).rejects.toMatchObject({
      code: 'embedder_unavailable',
    });
    expect(own.touched).toBeGreaterThan(0);
    own.set('sound');
    expect(await client().embed(['text'], { purpose: 'document' })).toHaveLength(1);
  },
);
