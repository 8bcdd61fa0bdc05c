import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sentenceModel, startOptional } from '@soma/testing';
import { cosine, describeEmbedder, vectorOf } from '../contract/index.js';
import type { Embedder } from '../port.js';
import { createTransformersEmbedder } from './index.js';

const program = new URL('../../dist/transformers/transformers-thread.js', import.meta.url);
const found = await startOptional('minilm', 'the model of sentences', sentenceModel);

if (found === undefined) {
  test.skip('transformers: its model cannot be had here', () => undefined);
} else {
  const { folder: model, library } = found;
  const create = () => createTransformersEmbedder({ model, library }, { program });

  describeEmbedder('transformers', () => Promise.resolve(create()));

  describe('the transformers embedder', () => {
    let embedder: Embedder;
    beforeAll(async () => {
      embedder = create();
      await embedder.start();
    });
    afterAll(() => embedder.close());
    const embed = async (...texts: string[]) =>
      (await embedder.embed(texts, { purpose: 'document' })).map(vectorOf);

    test('takes the dimension from the folder and names the model with its quantization', () => {
      expect([embedder.model, embedder.dimension, embedder.semantic]).toEqual([
        'all-minilm-l6-v2-int8-q8',
        384,
        true,
      ]);
    });

    test('texts of like meaning come near each other, without a word in common', async () => {
      const [query, alike, other] = await embed(
        'which physician treats the child',
        'our doctor sees the kids on Mondays',
        'quarterly revenue grew by nine percent',
      );
      expect(cosine(query, alike)).toBeGreaterThan(cosine(query, other) + 0.2);
    });

    test('looks at no more tokens than the model takes', async () => {
      const head = 'the user lives in Lisbon '.repeat(200);
      const [cut, whole] = await embed(head, `${head} and never spoke of it again`);
      expect(cosine(cut, whole)).toBeCloseTo(1, 4);
    });
  });

  test('a wrong dimension is refused at the start', async () => {
    const embedder = createTransformersEmbedder({ model, library, dimension: 100 }, { program });
    await expect(embedder.start()).rejects.toMatchObject({
      code: 'embedder_unavailable',
      message: 'the model gives 384 dimensions where 100 are expected',
    });
    await embedder.close();
  });
}

test('says how to install the library when it is missing', async () => {
  const embedder = createTransformersEmbedder({ library: 'not-there-at-all' }, { program });
  await expect(embedder.start()).rejects.toMatchObject({
    code: 'invalid_configuration',
    message: expect.stringContaining('npm install --no-save') as unknown as string,
  });
  await embedder.close();
});

test('a model of which nobody knows how long its vectors are needs the dimension', () => {
  expect(() => createTransformersEmbedder({ model: 'some/other-model' })).toThrow(
    expect.objectContaining({ code: 'invalid_configuration' }),
  );
});
