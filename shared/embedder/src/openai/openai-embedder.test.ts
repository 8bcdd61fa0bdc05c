import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { cosine, describeEmbedder, vectorOf } from '../contract/index.js';
import {
  embeddingsBody,
  startEmbeddingEndpoint,
  type EmbeddingEndpoint,
} from '../contract/embedding-endpoint.js';
import type { Embedder } from '../port.js';
import { createOpenAiEmbedder, type OpenAiEmbedderConfig } from './index.js';

for (const encoding of ['base64', 'float'] as const) {
  let endpoint: EmbeddingEndpoint;
  describeEmbedder(`openai with ${encoding}`, async () => {
    endpoint = await startEmbeddingEndpoint();
    const embedder = createOpenAiEmbedder({ url: endpoint.url, model: 'm', encoding });
    return Object.assign(embedder, { close: () => endpoint.close() });
  });
}

const KEY = 'sk-very-secret';
const document = { purpose: 'document' } as const;

describe('the openai embedder', () => {
  let endpoint: EmbeddingEndpoint;
  let logged: unknown[];
  let embedders: Embedder[];
  beforeEach(async () => {
    endpoint = await startEmbeddingEndpoint();
    logged = [];
    embedders = [];
  });
  afterEach(async () => {
    for (const embedder of embedders) await embedder.close();
    await endpoint.close();
  });

  function embedderWith(config: Partial<OpenAiEmbedderConfig> = {}): Embedder {
    const embedder = createOpenAiEmbedder({
      url: endpoint.url,
      apiKey: KEY,
      model: 'm',
      dimension: 16,
      logger: { warn: (fields, message) => logged.push([fields, message]) },
      ...config,
    });
    embedders.push(embedder);
    return embedder;
  }
  const answers = (...statuses: number[]) => {
    endpoint.reply = () => {
      const status = statuses.shift();
      return status === undefined || status === 200 ? 'default' : { status, headers: { 'retry-after': '0' } };
    };
  };
  /** An outage, with neither the key nor the text in what is thrown and logged. */
  const expectOutage = async (work: Promise<unknown>) => {
    const failure = await work.then(
      () => 'no failure',
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'embedder_unavailable', retryable: true });
    expect(inspect([failure, logged], { depth: 20, showHidden: true })).not.toMatch(
      /very-secret|private words/,
    );
    return failure;
  };

  describe('asks', () => {
    test.each(['', '/', '/v1', '/v1/', '/v1/embeddings'])('at a base URL that ends in "%s"', async (path) => {
      await embedderWith({ url: `${endpoint.url}${path}` }).embed(['a'], document);
      expect(endpoint.requests).toMatchObject([
        { path: '/v1/embeddings', authorization: `Bearer ${KEY}`, body: { model: 'm', input: ['a'] } },
      ]);
    });

    test('without a key when there is none, and for dimensions only when told to', async () => {
      const config = { url: endpoint.url, model: 'm' };
      await createOpenAiEmbedder({ ...config, dimension: 16 }).embed(['a'], document);
      await createOpenAiEmbedder({ ...config, dimension: 16, requestDimension: true }).embed(['a'], document);
      expect(endpoint.requests.map(({ authorization }) => authorization)).toEqual([undefined, undefined]);
      expect(endpoint.requests.map(({ body }) => body['dimensions'])).toEqual([undefined, 16]);
    });

    test('in batches by count and by size', async () => {
      const texts = ['a', 'b', 'c', 'd'.repeat(50), 'e', 'f'.repeat(500), 'g'];
      await embedderWith({ batchSize: 3, batchCharacters: 100, maxConcurrent: 1 }).embed(texts, document);
      expect(endpoint.requests.map(({ input }) => input.map(([first]) => first).join(''))).toEqual([
        'abc',
        'de',
        'f',
        'g',
      ]);
    });

    test('at most so many at a time', async () => {
      const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
      let allThere = (): void => undefined;
      const three = new Promise<void>((resolve) => (allThere = resolve));
      endpoint.reply = async () => {
        if (endpoint.mostConcurrent >= 3) allThere();
        await three;
        // A fourth, were there one, gets every chance to arrive.
        for (let turn = 0; turn < 50; turn += 1) await setImmediate();
        return 'default' as const;
      };
      const embeddings = await embedderWith({ batchSize: 1, maxConcurrent: 3 }).embed(texts, document);
      expect(endpoint.mostConcurrent).toBe(3);
      expect(embeddings.every((embedding) => 'vector' in embedding)).toBe(true);
    });

    test('nothing about a blank text', async () => {
      const embeddings = await embedderWith().embed([' \n', 'a', ''], document);
      expect(embeddings.map((embedding) => 'vector' in embedding)).toEqual([false, true, false]);
      expect(endpoint.requests.map(({ input }) => input)).toEqual([['a']]);
    });
  });

  describe('holds to a dimension', () => {
    test('that it learns at start', async () => {
      const embedder = createOpenAiEmbedder({ url: endpoint.url, model: 'm' });
      expect(() => embedder.dimension).toThrow(expect.objectContaining({ code: 'embedder_unavailable' }));
      await embedder.start();
      expect(embedder.dimension).toBe(16);
      endpoint.reply = () => ({ status: 200, body: embeddingsBody([new Float32Array(8).fill(1)], false) });
      await expectOutage(embedder.embed(['a'], document));
    });

    test('that it was told, already at start', async () => {
      const failure = await expectOutage(embedderWith({ dimension: 8 }).start());
      expect(String(failure)).toContain('16 dimensions where 8 are expected');
    });
  });

  describe('tries again', () => {
    test.each([429, 500, 502, 503, 408])('after %d', async (status) => {
      answers(status, status);
      expect(await embedderWith().embed(['private words'], document)).toHaveLength(1);
      expect(endpoint.requests).toHaveLength(3);
    });

    test('after a connection that is cut', async () => {
      endpoint.reply = () => (endpoint.requests.length === 1 ? 'drop' : 'default');
      expect(await embedderWith().embed(['a'], document)).toHaveLength(1);
    });

    test('after a request that takes too long', async () => {
      endpoint.reply = () => (endpoint.requests.length === 1 ? 'hang' : 'default');
      expect(await embedderWith({ timeoutMs: 100 }).embed(['a'], document)).toHaveLength(1);
    });

    test('not before Retry-After', async () => {
      endpoint.reply = () =>
        endpoint.requests.length === 1 ? { status: 429, headers: { 'retry-after': '1' } } : 'default';
      const began = performance.now();
      await embedderWith().embed(['a'], document);
      expect(performance.now() - began).toBeGreaterThan(990);
    });

    test('not when Retry-After is far away, as a date', async () => {
      const later = new Date(Date.now() + 3_600_000).toUTCString();
      endpoint.reply = () => ({ status: 503, headers: { 'retry-after': later } });
      await expectOutage(embedderWith().embed(['private words'], document));
      expect(endpoint.requests).toHaveLength(1);
    });

    test('maxAttempts times', async () => {
      answers(503, 503, 503, 503);
      await expectOutage(embedderWith({ maxAttempts: 2 }).embed(['private words'], document));
      expect(endpoint.requests).toHaveLength(2);
      expect(logged).toHaveLength(2);
    });
  });

  test.each([401, 403, 404, 301, 402, 204])(
    'takes %d for an outage and does not repeat it',
    async (status) => {
      endpoint.reply = () => ({ status, headers: { location: 'http://127.0.0.1:1/' } });
      await expectOutage(embedderWith().embed(['private words'], document));
      expect(endpoint.requests).toHaveLength(1);
    },
  );

  test('an endpoint that is not there is an outage', async () => {
    await endpoint.close();
    await expectOutage(embedderWith({ maxAttempts: 1 }).start());
    endpoint = await startEmbeddingEndpoint();
  });

  describe('takes for an outage an answer', () => {
    const one = (embedding: unknown) => JSON.stringify({ data: [{ index: 0, embedding }] });
    const floats = (...values: number[]) => Buffer.from(new Float32Array(values).buffer).toString('base64');
    test.each([
      ['that is not JSON', '<html>'],
      ['of another form', '{"embeddings": [[1, 2]]}'],
      ['with a NaN', one(floats(...new Array<number>(15).fill(1), Number.NaN))],
      ['with a NaN in JSON', '{"data": [{"index": 0, "embedding": [NaN]}]}'],
      ['with an infinite number', one(floats(...new Array<number>(15).fill(1), Infinity))],
      ['with an infinite number in JSON', '{"data": [{"index": 0, "embedding": [1e999]}]}'],
      ['with a number beyond 32-bit floats', one([1e300, ...new Array<number>(15).fill(1)])],
      ['with another dimension', one([1, 2, 3])],
      ['with a vector of nothing', one([])],
      ['with base64 of half a float', one('AAAAAAA=')],
      ['with too few vectors', '{"data": []}'],
      ['with an index twice', JSON.stringify({ data: [0, 0].map((index) => ({ index, embedding: [1] })) })],
      ['with an index beyond the texts', JSON.stringify({ data: [{ index: 7, embedding: [1] }] })],
      ['larger than its vectors can make it', one(new Array<number>(16).fill(1)) + ' '.repeat(1_000_000)],
    ])('%s', async (_name, body) => {
      endpoint.reply = () => ({ status: 200, body });
      await expectOutage(embedderWith().embed(['private words'], document));
      expect(endpoint.requests).toHaveLength(1);
    });
  });

  test('reads answers without an index by their position', async () => {
    const vectors = [1, 2].map((seed) => Array.from({ length: 16 }, (_, index) => (index === seed ? 5 : 0)));
    endpoint.reply = () => ({
      status: 200,
      body: JSON.stringify({ data: vectors.map((embedding) => ({ embedding })) }),
    });
    const embeddings = (await embedderWith().embed(['a', 'b'], document)).map(vectorOf);
    expect(embeddings.map((vector) => vector.indexOf(1))).toEqual([1, 2]);
  });

  describe('refusals', () => {
    test.each([400, 413, 422])('%d of a batch is traced to the texts that cause it', async (status) => {
      endpoint.reply = ({ input }) => (input.some((text) => text.startsWith('bad')) ? { status } : 'default');
      const texts = Array.from({ length: 40 }, (_, index) =>
        index === 7 || index === 31 ? `bad ${index}` : `text ${index}`,
      );
      const embeddings = await embedderWith().embed(texts, document);
      const refused = embeddings.flatMap((embedding, index) =>
        'refused' in embedding ? [[index, embedding.refused]] : [],
      );
      const reason = `the embedding endpoint answers this text with ${status}`;
      expect(refused).toEqual([
        [7, reason],
        [31, reason],
      ]);
      const [alone] = await embedderWith().embed(['text 20'], document);
      expect(cosine(vectorOf(embeddings[20]), vectorOf(alone))).toBeCloseTo(1, 5);
      expect(endpoint.requests.length).toBeLessThan(30);
    });

    test('of everything, even a plain text, are an outage: nothing is lost to a wrong setting', async () => {
      answers(...new Array<number>(50).fill(400));
      await expectOutage(embedderWith().embed(['private words', 'private words too'], document));
      await expectOutage(embedderWith().start());
    });

    test('a vector of zeros is one', async () => {
      endpoint.reply = () => ({ status: 200, body: embeddingsBody([new Float32Array(16)], true) });
      expect(await embedderWith().embed(['a'], document)).toEqual([
        { refused: expect.stringContaining('zeros') },
      ]);
    });
  });

  describe('a caller that gives up', () => {
    test('while the endpoint hangs', async () => {
      const caller = new AbortController();
      endpoint.reply = () => {
        caller.abort(new Error('enough'));
        return 'hang';
      };
      await expectOutage(embedderWith().embed(['private words'], { ...document, signal: caller.signal }));
      expect(endpoint.requests).toHaveLength(1);
    });

    test('while it waits for the next attempt', async () => {
      const caller = new AbortController();
      endpoint.reply = () => ({ status: 429, headers: { 'retry-after': '9' } });
      const embedder = embedderWith({
        logger: {
          warn: () => {
            caller.abort();
          },
        },
      });
      await expectOutage(embedder.embed(['private words'], { ...document, signal: caller.signal }));
    });

    test('while it waits for its turn, and the turn goes to the next', async () => {
      const caller = new AbortController();
      let release = (): void => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      endpoint.reply = async () => {
        if (endpoint.requests.length === 1) {
          caller.abort();
          await held;
        }
        return 'default' as const;
      };
      const embedder = embedderWith({ maxConcurrent: 1 });
      const first = embedder.embed(['first'], document);
      const second = embedder.embed(['private words'], { ...document, signal: caller.signal });
      const third = embedder.embed(['third'], document);
      await expectOutage(second);
      release();
      expect([await first, await third]).toHaveLength(2);
      expect(endpoint.requests.map(({ input }) => input[0])).toEqual(['first', 'third']);
    });

    test('by closing', async () => {
      const embedder = embedderWith();
      endpoint.reply = () => {
        void embedder.close();
        return 'hang';
      };
      await expectOutage(embedder.embed(['private words'], document));
    });
  });

  test.each([
    ['a URL that is none', { url: 'sk-very-secret' }],
    ['another protocol', { url: 'file:///sk-very-secret' }],
    ['a login in the URL', { url: 'http://me:sk-very-secret@host' }],
    ['a key with a line break', { apiKey: 'sk-very-secret\n' }],
    ['no model', { model: '' }],
    ['a size of nothing', { batchSize: 0 }],
    ['a dimension to ask for that is not said', { requestDimension: true }],
  ])('%s is refused without telling it', (_name, config) => {
    const create = () => createOpenAiEmbedder({ url: 'http://host', model: 'm', ...config });
    expect(create).toThrow(expect.objectContaining({ code: 'invalid_configuration' }));
    expect(create).not.toThrow('very-secret');
  });
});
