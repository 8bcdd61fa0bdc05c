import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { SomaError } from '@soma/memory';
import { gaveUp } from './gave-up.js';
import type { Embedder, Embedding, Meaning } from './port.js';

export interface CachedEmbedderConfig {
  /** Vectors kept at most; the least recently used goes first. Default 10,000. */
  maxEntries?: number;
  /** Bytes that vectors may take. Default 64 MiB. */
  maxBytes?: number;
  /** Hears by how many the vectors kept grow or shrink; must be cheap and must not throw. */
  onChange?: (change: number) => void;
}

/** Bytes beside the vector: key, list links, map slot; an estimate. */
const OVERHEAD_BYTES = 200;

/**
 * Remembers the vectors of queries, which repeat; documents pass through. Equal texts under way are embedded
 * once, for all who wait; a caller that gives up leaves the others theirs. Failures and refusals are not kept.
 */
export function createCachedEmbedder(inner: Embedder, config: CachedEmbedderConfig = {}): Embedder {
  return new CachedEmbedder(inner, config);
}

class CachedEmbedder implements Embedder {
  readonly #inner: Embedder;
  readonly #vectors: LRUCache<string, Float32Array>;
  readonly #onChange: (change: number) => void;
  #told = 0;
  #isClosed = false;
  /** Texts being embedded; as many as callers have under way. */
  readonly #flights = new Map<string, Promise<Embedding>>();

  constructor(inner: Embedder, config: CachedEmbedderConfig) {
    this.#inner = inner;
    this.#onChange = config.onChange ?? (() => undefined);
    this.#vectors = new LRUCache<string, Float32Array>({
      max: config.maxEntries ?? 10_000,
      maxSize: config.maxBytes ?? 64 * 1024 * 1024,
      sizeCalculation: (vector) => vector.byteLength + OVERHEAD_BYTES,
    });
  }

  get model(): string {
    return this.#inner.model;
  }

  get dimension(): number {
    return this.#inner.dimension;
  }

  get meaning(): Meaning {
    return this.#inner.meaning;
  }

  async embed(texts: string[], options: Parameters<Embedder['embed']>[1]): Promise<Embedding[]> {
    if (options.purpose === 'document') return this.#inner.embed(texts, options);
    const keyed = texts.map((text) => ({ key: keyOf(this.model, text), text }));
    const missing = new Map(keyed.filter(({ key }) => !this.#knows(key)).map(({ key, text }) => [key, text]));
    if (missing.size > 0) this.#start(missing);
    const embeddings = keyed.map(({ key }) => this.#answer(key));
    return (await orAbort(Promise.all(embeddings), options.signal)).map(copyOf);
  }

  start(): Promise<void> {
    return this.#inner.start();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#vectors.clear();
    this.#tell();
    return this.#inner.close();
  }

  #knows(key: string): boolean {
    return this.#vectors.has(key) || this.#flights.has(key);
  }

  async #answer(key: string): Promise<Embedding> {
    const vector = this.#vectors.get(key);
    if (vector !== undefined) return { vector };
    const flight = this.#flights.get(key);
    if (flight === undefined) throw new SomaError('internal', 'a query lost its embedding');
    return flight;
  }

  /** Without the signal of the caller that happens to be first: others may wait by then. */
  #start(texts: Map<string, string>): void {
    const answers = this.#inner.embed([...texts.values()], { purpose: 'query' });
    for (const [index, key] of [...texts.keys()].entries()) {
      const flight = answers
        .then((embeddings) => this.#keep(key, embeddings[index]))
        .finally(() => this.#flights.delete(key));
      // Each waiter hears a failure itself; this only marks it as heard when all of them have given up.
      flight.catch(() => undefined);
      this.#flights.set(key, flight);
    }
  }

  #keep(key: string, embedding: Embedding | undefined): Embedding {
    if (embedding === undefined)
      throw new SomaError('embedder_unavailable', 'the embedder left texts unanswered');
    // What arrives after the end would be counted for ever.
    if ('vector' in embedding && !this.#isClosed) {
      this.#vectors.set(key, embedding.vector);
      this.#tell();
    }
    return embedding;
  }

  #tell(): void {
    const { size } = this.#vectors;
    this.#onChange(size - this.#told);
    this.#told = size;
  }
}

function keyOf(model: string, text: string): string {
  return `${model}\n${createHash('sha256').update(text).digest('base64')}`;
}

/** A caller may change its vector; the next one must not see that. */
function copyOf(embedding: Embedding): Embedding {
  return 'vector' in embedding ? { vector: embedding.vector.slice() } : embedding;
}

async function orAbort<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      reject(gaveUp(signal));
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
