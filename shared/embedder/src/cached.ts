import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { SomaError } from '@soma/memory';
import type { Embedder, Embedding } from './port.js';

export interface CachedEmbedderConfig {
  /** Vectors kept at most; the least recently used goes first. Default 10,000. */
  maxEntries?: number;
  /** Bytes that vectors may take. Default 64 MiB. */
  maxBytes?: number;
}

/** Bytes beside the vector: key, list links, map slot; an estimate. */
const OVERHEAD_BYTES = 200;

/**
 * Remembers the vectors of queries, which repeat; documents pass through. Equal texts under way are embedded
 * once, for all who wait; a caller that gives up leaves the others theirs. Failures and refusals are not kept.
 */
export function createCachedEmbedder(inner: Embedder, config: CachedEmbedderConfig = {}): Embedder {
  const vectors = new LRUCache<string, Float32Array>({
    max: config.maxEntries ?? 10_000,
    maxSize: config.maxBytes ?? 64 * 1024 * 1024,
    sizeCalculation: (vector) => vector.byteLength + OVERHEAD_BYTES,
  });
  const flights = new Map<string, Promise<Embedding>>();

  const startFlight = (missing: Map<string, string>): void => {
    const keys = [...missing.keys()];
    const answers = inner.embed([...missing.values()], { purpose: 'query' });
    keys.forEach((key, index) => {
      const flight = answers
        .then((embeddings) => {
          const embedding = embeddings[index];
          if (embedding === undefined)
            throw new SomaError('embedder_unavailable', 'the embedder left texts unanswered');
          if ('vector' in embedding) vectors.set(key, embedding.vector);
          return embedding;
        })
        .finally(() => flights.delete(key));
      // Each waiter hears a failure itself; this only marks it as heard when all of them have given up.
      flight.catch(() => undefined);
      flights.set(key, flight);
    });
  };

  const embedQueries = async (texts: string[], signal: AbortSignal | undefined): Promise<Embedding[]> => {
    const keys = texts.map((text) => keyOf(inner.model, text));
    const answers = new Map<string, Embedding | Promise<Embedding>>();
    const missing = new Map<string, string>();
    keys.forEach((key, index) => {
      const vector = vectors.get(key);
      if (vector !== undefined) answers.set(key, { vector });
      else if (!flights.has(key)) missing.set(key, texts[index] ?? '');
    });
    if (missing.size > 0) startFlight(missing);
    const all = Promise.all(keys.map((key) => answers.get(key) ?? flights.get(key)));
    const embeddings = await orAbort(all, signal);
    return embeddings.map(copyOf);
  };

  return {
    get model() {
      return inner.model;
    },
    get dimension() {
      return inner.dimension;
    },
    get semantic() {
      return inner.semantic;
    },
    embed: (texts, options) =>
      options.purpose === 'query' ? embedQueries(texts, options.signal) : inner.embed(texts, options),
    start: () => inner.start(),
    close: () => {
      vectors.clear();
      return inner.close();
    },
  };
}

function keyOf(model: string, text: string): string {
  return `${model}\n${createHash('sha256').update(text).digest('base64')}`;
}

/** A caller may change its vector; the next one must not see that. */
function copyOf(embedding: Embedding | undefined): Embedding {
  if (embedding === undefined) throw new SomaError('internal', 'a query lost its embedding');
  return 'vector' in embedding ? { vector: embedding.vector.slice() } : embedding;
}

async function orAbort<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      reject(new SomaError('embedder_unavailable', 'the caller gave up', { cause: signal.reason }));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
