import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cosine, describeEmbedder, vectorOf } from '../contract/index.js';
import type { Embedder } from '../port.js';
import { createBundledEmbedder } from './index.js';

const program = new URL('../../dist/bundled/bundled-thread.js', import.meta.url);

describeEmbedder('bundled', () => Promise.resolve(createBundledEmbedder({ program })));

describe('the bundled embedder', () => {
  let embedder: Embedder;
  beforeAll(async () => {
    embedder = createBundledEmbedder({ program });
    await embedder.start();
  });
  afterAll(() => embedder.close());
  const embed = async (...texts: string[]) =>
    (await embedder.embed(texts, { purpose: 'document' })).map(vectorOf);

  test('texts of like meaning come nearer than others, without a word in common', async () => {
    const [query, alike, other] = await embed(
      'which physician treats the child',
      'our doctor sees the kids on Mondays',
      'quarterly revenue grew by nine percent',
    );
    expect(cosine(query, alike)).toBeGreaterThan(cosine(query, other) + 0.1);
  });

  test('names and codes that no list has are still the same as themselves', async () => {
    const [query, same, other] = await embed('zorblaxia 4711-xq', 'about ZORBLAXIA', 'about quivrandel');
    expect(cosine(query, same)).toBeGreaterThan(cosine(query, other) + 0.1);
  });

  test('vectors stay what they are: stored ones must go on matching', async () => {
    const [vector] = await embed('the same for ever');
    expect(Array.from(vector?.slice(0, 4) ?? [], (component) => component.toFixed(3))).toEqual(PINNED);
  });
});

/** Changing these means a new model name. */
const PINNED = ['0.034', '0.190', '0.173', '-0.065'];
