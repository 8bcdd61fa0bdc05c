import { describe, expect, test } from '@jest/globals';
import { cosine, describeEmbedder, vectorOf } from '../contract/index.js';
import { createHashEmbedder } from './index.js';

describeEmbedder('hash', () => Promise.resolve(createHashEmbedder()));

describe('the hash embedder', () => {
  const embedder = createHashEmbedder();
  const embed = async (...texts: string[]) =>
    (await embedder.embed(texts, { purpose: 'document' })).map(vectorOf);

  test('carries no meaning, and names its dimension', () => {
    expect([embedder.meaning, embedder.model, embedder.dimension]).toEqual(['nothing', 'hash-256', 256]);
    expect(createHashEmbedder({ dimension: 64 }).model).toBe('hash-64');
    expect(() => createHashEmbedder({ dimension: 0 })).toThrow(
      expect.objectContaining({ code: 'invalid_configuration' }),
    );
  });

  test('texts that share words come nearer than others, inflected words near', async () => {
    const [query, same, inflected, other] = await embed(
      'where does the user live',
      'the user lives in Lisbon',
      'users living abroad',
      'quarterly revenue grew by nine percent',
    );
    expect(cosine(query, same)).toBeGreaterThan(cosine(query, inflected));
    expect(cosine(query, inflected)).toBeGreaterThan(cosine(query, other));
  });

  test('case, width and composition of characters do not matter', async () => {
    const [plain, ...spellings] = await embed(
      'café tokyo 42',
      'CAFÉ Tokyo 42',
      'cafe\u0301 tokyo 42',
      'café ｔｏｋｙｏ ４２',
    );
    for (const spelling of spellings) expect(cosine(plain, spelling)).toBeCloseTo(1, 5);
  });

  test('a text without words gets one fixed direction', async () => {
    const [empty, dots, emoji] = await embed('', '...', '😀');
    expect(Array.from(empty?.slice(0, 2) ?? [])).toEqual([1, 0]);
    expect(dots).toEqual(empty);
    expect(emoji).toEqual(empty);
  });

  test('vectors stay what they are: stored ones must go on matching', async () => {
    const [vector] = (
      await createHashEmbedder({ dimension: 8 }).embed(['the same for ever'], { purpose: 'document' })
    ).map(vectorOf);
    expect(Array.from(vector ?? [], (component) => component.toFixed(4))).toEqual(PINNED);
  });
});

/** Changing these means a new model name. */
const PINNED = ['-0.5397', '0.2698', '-0.2698', '-0.1349', '0.2506', '0.3855', '-0.5204', '-0.2506'];
