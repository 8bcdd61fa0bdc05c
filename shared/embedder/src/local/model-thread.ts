import { Worker } from 'node:worker_threads';
import { SomaError } from '@soma/memory';
import type { FromThread, ToThread } from './protocol.js';

export interface ModelThreadOptions {
  /** The compiled program of the thread, which calls serveModel. */
  program: URL;
  /** Given to the model's loader. */
  config: unknown;
  /** Milliseconds that loading and that one batch may take; past it the thread is ended. */
  timeoutMs: { load: number; batch: number };
}

/** Milliseconds that a thread gets to close its model before it is ended. */
const CLOSE_MS = 2_000;

/** One life of a model's thread. Once it failed it stays failed; its owner starts another. */
export class ModelThread {
  readonly #worker: Worker;
  readonly #options: ModelThreadOptions;
  readonly #ended: Promise<void>;
  #waiting: PromiseWithResolvers | undefined;
  #failure: SomaError | undefined;

  constructor(options: ModelThreadOptions) {
    this.#options = options;
    this.#worker = new Worker(options.program, { name: 'embedder', workerData: options.config });
    this.#worker.on('message', (message: FromThread) => {
      this.#waiting?.resolve(message);
    });
    this.#worker.on('error', (cause) => {
      this.#fail('failed', cause);
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#fail('has ended');
        resolve();
      });
    });
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** @returns the dimension of the model, once it is loaded and warm */
  async ready(): Promise<number> {
    const answer = await this.#next(this.#options.timeoutMs.load);
    if (answer.type === 'ready') return answer.dimension;
    const reason = answer.type === 'unusable' ? answer.message : `it says ${answer.type}`;
    const settings = answer.type === 'unusable' && answer.settings;
    throw new SomaError(
      settings ? 'invalid_configuration' : 'embedder_unavailable',
      `the embedding model cannot be loaded: ${reason}`,
    );
  }

  /** One batch at a time. */
  async embed(texts: string[]): Promise<{ vectors: Float32Array; dimension: number }> {
    const answer = this.#next(this.#options.timeoutMs.batch);
    this.#worker.postMessage({ type: 'embed', texts } satisfies ToThread);
    const message = await answer;
    if (message.type === 'vectors') return message;
    const reason = message.type === 'failed' ? message.message : `it says ${message.type}`;
    throw new SomaError('embedder_unavailable', `the embedding model failed: ${reason}`);
  }

  async close(): Promise<void> {
    this.#worker.postMessage({ type: 'close' } satisfies ToThread);
    const late = setTimeout(() => void this.#worker.terminate(), CLOSE_MS);
    await this.#ended;
    clearTimeout(late);
  }

  async #next(timeoutMs: number): Promise<FromThread> {
    if (this.#failure !== undefined) throw this.#failure;
    const late = setTimeout(() => {
      this.#fail(`did not answer within ${timeoutMs} ms`);
      void this.#worker.terminate();
    }, timeoutMs);
    try {
      return await new Promise<FromThread>((resolve, reject) => {
        this.#waiting = { resolve, reject };
      });
    } finally {
      this.#waiting = undefined;
      clearTimeout(late);
    }
  }

  #fail(what: string, cause?: unknown): void {
    this.#failure ??= new SomaError('embedder_unavailable', `the thread of the embedding model ${what}`, {
      cause,
    });
    this.#waiting?.reject(this.#failure);
  }
}

interface PromiseWithResolvers {
  resolve(message: FromThread): void;
  reject(error: SomaError): void;
}
