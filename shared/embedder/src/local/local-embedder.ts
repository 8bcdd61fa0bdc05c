import { SomaError } from '@soma/memory';
import type { Registry } from 'prom-client';
import { gaveUp } from '../gave-up.js';
import type { Embedder, Embedding, Meaning } from '../port.js';
import { toUnitLength } from '../unit-vector.js';
import { localEmbedderMetrics, type LocalEmbedderMetrics } from './metrics.js';
import { ModelThread, type ModelThreadOptions } from './model-thread.js';
import { Restarts } from './restarts.js';
import { TextQueue, type BatchBounds, type WaitingText } from './text-queue.js';

export interface LocalEmbedderOptions {
  /** Recorded with every vector. */
  model: string;
  dimension: number;
  meaning: Meaning;
  thread: ModelThreadOptions;
  batch: BatchBounds;
  /** Characters of a text that the thread is given at most; what is beyond the model's limit is not looked at. */
  maxCharacters: number;
  /** Texts that wait at most; more are refused with embedder_unavailable. Default 20,000. */
  maxWaiting?: number;
  /** For the soma_embedder_* metrics. */
  registry?: Registry | undefined;
}

interface Waiting extends WaitingText {
  resolve: (embedding: Embedding) => void;
  reject: (error: SomaError) => void;
}

/** An embedder whose model runs in a thread of this process, one batch at a time, queries first. */
export class LocalEmbedder implements Embedder {
  readonly meaning: Meaning;
  readonly model: string;
  readonly dimension: number;
  readonly #options: LocalEmbedderOptions;
  readonly #metrics: LocalEmbedderMetrics;
  readonly #queue = new TextQueue<Waiting>();
  readonly #restarts = new Restarts();
  #thread: ModelThread | undefined;
  #starting: Promise<ModelThread> | undefined;
  #working = false;
  #closed = false;

  constructor(options: LocalEmbedderOptions) {
    this.#options = options;
    this.#metrics = localEmbedderMetrics(options.registry);
    this.meaning = options.meaning;
    this.model = options.model;
    this.dimension = options.dimension;
  }

  async start(): Promise<void> {
    await this.#running();
  }

  async embed(texts: string[], options: Parameters<Embedder['embed']>[1]): Promise<Embedding[]> {
    const { purpose, signal } = options;
    if (signal?.aborted === true) throw gaveUp(signal);
    this.#admit(texts.length);
    const waiting: Waiting[] = [];
    const embeddings = texts.map(
      (text) =>
        new Promise<Embedding>((resolve, reject) => {
          const cut = text.slice(0, this.#options.maxCharacters);
          waiting.push({ text: cut, purpose, abandoned: false, resolve, reject });
        }),
    );
    const onAbort = () => {
      if (signal !== undefined) this.#abandon(waiting, gaveUp(signal));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      this.#queue.push(waiting);
      void this.#work();
      return await Promise.all(embeddings);
    } catch (error) {
      // Its other texts would be embedded for nobody.
      this.#abandon(waiting, error as SomaError);
      throw error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#rejectAll(new SomaError('embedder_unavailable', 'the embedder is closed'));
    await this.#starting?.catch(() => undefined);
    await this.#thread?.close();
  }

  #admit(count: number): void {
    if (this.#closed) throw new SomaError('embedder_unavailable', 'the embedder is closed');
    if (this.#queue.length === 0 || this.#queue.length + count <= (this.#options.maxWaiting ?? 20_000))
      return;
    this.#metrics.failures.inc({ reason: 'overloaded' });
    throw new SomaError('embedder_unavailable', 'too many texts wait for the embedding model');
  }

  #abandon(texts: Waiting[], error: SomaError): void {
    for (const waiting of texts) {
      waiting.abandoned = true;
      waiting.reject(error);
    }
    this.#queue.sweep();
  }

  #rejectAll(error: SomaError): void {
    for (const { reject } of this.#queue.takeAll()) reject(error);
    this.#metrics.waiting.set(0);
  }

  /** Works the queue off; one at a time. */
  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      while (this.#queue.length > 0) {
        const thread = await this.#running();
        const batch = this.#queue.take(this.#options.batch);
        this.#metrics.waiting.set(this.#queue.length);
        if (batch.length > 0) await this.#embedBatch(thread, batch);
      }
    } catch (error) {
      this.#rejectAll(error as SomaError);
    } finally {
      this.#working = false;
      this.#metrics.waiting.set(this.#queue.length);
    }
  }

  async #embedBatch(thread: ModelThread, batch: Waiting[]): Promise<void> {
    const purpose = batch[0]?.purpose ?? 'document';
    const end = this.#metrics.batchSeconds.startTimer({ purpose });
    try {
      const { vectors, dimension } = await thread.embed(batch.map(({ text }) => text));
      const parts = this.#split(vectors, dimension, batch.length);
      for (const [index, waiting] of batch.entries()) waiting.resolve({ vector: parts[index] ?? lost() });
      this.#restarts.succeeded();
      this.#metrics.texts.inc({ purpose }, batch.length);
    } catch (error) {
      this.#metrics.failures.inc({ reason: thread.failed ? 'thread' : 'batch' });
      for (const { reject } of batch) reject(error as SomaError);
    } finally {
      end();
    }
  }

  #split(vectors: Float32Array, dimension: number, count: number): Float32Array[] {
    if (dimension !== this.dimension || vectors.length !== count * dimension) {
      throw wrongDimension(dimension, this.dimension);
    }
    return Array.from({ length: count }, (_, index) => {
      const unit = toUnitLength(
        Float32Array.from(vectors.subarray(index * dimension, (index + 1) * dimension)),
      );
      if (unit !== undefined) return unit;
      throw new SomaError('embedder_unavailable', 'the model gives a vector without a direction');
    });
  }

  /** The thread, started when there is none or it failed, but not sooner than its backoff allows. */
  #running(): Promise<ModelThread> {
    if (this.#closed) return Promise.reject(new SomaError('embedder_unavailable', 'the embedder is closed'));
    if (this.#thread?.failed === false) return Promise.resolve(this.#thread);
    this.#starting ??= this.#startThread().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async #startThread(): Promise<ModelThread> {
    if (this.#thread !== undefined) this.#restarts.failed();
    this.#thread = undefined;
    const waitMs = this.#restarts.waitMs();
    if (waitMs > 0) {
      const message = `the thread of the embedding model starts again in ${Math.ceil(waitMs / 1_000)} s`;
      throw new SomaError('embedder_unavailable', message);
    }
    const thread = new ModelThread(this.#options.thread);
    try {
      const dimension = await thread.ready();
      if (dimension !== this.dimension) throw wrongDimension(dimension, this.dimension);
      this.#thread = thread;
      return thread;
    } catch (error) {
      this.#restarts.failed();
      this.#metrics.failures.inc({ reason: 'thread' });
      await thread.close();
      throw error;
    }
  }
}

function wrongDimension(given: number, expected: number): SomaError {
  const message = `the model gives ${given} dimensions where ${expected} are expected`;
  return new SomaError('embedder_unavailable', message);
}

function lost(): never {
  throw new SomaError('internal', 'a text lost its embedding');
}
