import { afterEach, describe, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { LocalEmbedder } from './local-embedder.js';

const SERVE = new URL('../../dist/local/serve-model.js', import.meta.url).href;

/** A thread whose model does what a text says: crash, throw, give NaN; else its length and 1. */
const PROGRAM = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { serveModel } from ${JSON.stringify(SERVE)};
    const vectorOf = (text) => {
      if (text === 'crash') process.exit(7);
      if (text === 'throw') throw new Error('no such text');
      return text === 'nan' ? [NaN, 1] : [text.length, 1];
    };
    const hold = (texts) => texts.includes('hold') ? new Promise(() => undefined) : undefined;
    await serveModel(async () => ({
      dimension: 2,
      embed: async (texts) => { await hold(texts); return Float32Array.from(texts.flatMap(vectorOf)); },
      close: async () => undefined,
    }));
  `)}`,
);

const started: LocalEmbedder[] = [];
afterEach(() => Promise.all(started.splice(0).map((embedder) => embedder.close())));

function embedder(options: { dimension?: number; maxWaiting?: number; registry?: Registry } = {}) {
  const made = new LocalEmbedder({
    model: 'test',
    dimension: 2,
    thread: { program: PROGRAM, config: {}, timeoutMs: { load: 60_000, batch: 60_000 } },
    batch: { texts: 4, characters: 1_000 },
    maxCharacters: 10,
    ...options,
  });
  started.push(made);
  return made;
}

const document = { purpose: 'document' } as const;
const unavailable = (message: string) => ({
  code: 'embedder_unavailable',
  retryable: true,
  message: expect.stringContaining(message) as unknown as string,
});

describe('a local model in its thread', () => {
  test('is told only as much of a text as the model can take', async () => {
    const [long, cut] = await embedder().embed(['x'.repeat(50), 'x'.repeat(10)], document);
    expect(long).toEqual(cut);
  });

  test('a crash is an outage, and the next call has a new thread', async () => {
    const local = embedder();
    await expect(local.embed(['crash'], document)).rejects.toMatchObject(unavailable('has ended'));
    expect(await local.embed(['fine'], document)).toHaveLength(1);
  });

  test('crashes one after the other make it wait before the next start', async () => {
    const local = embedder();
    await expect(local.embed(['crash'], document)).rejects.toMatchObject(unavailable('has ended'));
    await expect(local.embed(['crash'], document)).rejects.toMatchObject(unavailable('has ended'));
    await expect(local.embed(['fine'], document)).rejects.toMatchObject(unavailable('starts again in 1 s'));
  });

  test.each([
    ['throw', 'no such text'],
    ['nan', 'without a direction'],
  ])('%s is an outage that the thread outlives', async (text, message) => {
    const local = embedder();
    await expect(local.embed([text], document)).rejects.toMatchObject(unavailable(message));
    expect(await local.embed(['fine'], document)).toHaveLength(1);
  });

  test('another dimension than expected is refused', async () => {
    await expect(embedder({ dimension: 3 }).start()).rejects.toMatchObject(
      unavailable('2 dimensions where 3'),
    );
  });

  test('a caller that gives up goes at once', async () => {
    const leaving = new AbortController();
    const left = embedder().embed(['hold'], { ...document, signal: leaving.signal });
    leaving.abort(new Error('enough'));
    await expect(left).rejects.toMatchObject(unavailable('gave up'));
  });

  test('closing ends what is under way and what waits', async () => {
    const local = embedder();
    await local.start();
    const outcomes = Promise.allSettled([local.embed(['hold'], document), local.embed(['waits'], document)]);
    await local.close();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(local.embed(['late'], document)).rejects.toMatchObject(unavailable('closed'));
  });

  test('refuses what would wait behind too much, and counts', async () => {
    const registry = new Registry();
    const local = embedder({ maxWaiting: 5, registry });
    await local.start();
    const many = local.embed(['a', 'b', 'c', 'd', 'e', 'f', 'g'], document);
    await expect(local.embed(['h', 'i', 'j'], document)).rejects.toMatchObject(unavailable('too many'));
    await many;
    const metrics = await registry.metrics();
    expect(metrics).toContain('soma_embedder_texts_total{purpose="document"} 7');
    expect(metrics).toContain('soma_embedder_failures_total{reason="overloaded"} 1');
    expect(metrics).toContain('soma_embedder_waiting_texts 0');
  });
});
