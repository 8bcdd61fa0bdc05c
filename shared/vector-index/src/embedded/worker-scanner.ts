import { Worker } from 'node:worker_threads';
import { SomaError } from '@soma/memory';
import type { ScanAnswer, Scanner, ScanRequest } from './scanner.js';

export interface WorkerRequest {
  id: number;
  request: ScanRequest;
}
export interface WorkerAnswer {
  id: number;
  answer: ScanAnswer;
}

export interface WorkerScannerOptions {
  /** Most requests that wait for the thread; more are refused with overloaded. */
  maxPending: number;
  /** Most megabytes of JavaScript heap of the thread; vectors are outside of it. */
  maxHeapMb: number;
  /** The compiled scan-worker. Default: the one beside this file. */
  workerUrl?: URL;
}

/** Scans on a worker thread. Any error in it ends it: copies that may be torn are never searched. */
export function startWorkerScanner(options: WorkerScannerOptions): Scanner {
  return new WorkerScanner(options);
}

class WorkerScanner implements Scanner {
  readonly #worker: Worker;
  readonly #maxPending: number;
  readonly #pending = new Map<
    number,
    { resolve: (answer: ScanAnswer) => void; reject: (error: unknown) => void }
  >();
  #lastId = 0;
  #failure: SomaError | undefined;

  constructor({ maxPending, maxHeapMb, workerUrl }: WorkerScannerOptions) {
    this.#maxPending = maxPending;
    this.#worker = new Worker(workerUrl ?? new URL('./scan-worker.js', import.meta.url), {
      name: 'vector-index',
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    this.#worker.on('message', ({ id, answer }: WorkerAnswer) => {
      this.#pending.get(id)?.resolve(answer);
      this.#pending.delete(id);
    });
    this.#worker.on('error', (cause) => {
      this.#fail(
        new SomaError('index_unavailable', 'the thread of the embedded vector index failed', { cause }),
      );
    });
    this.#worker.on('exit', () => {
      this.#fail(new SomaError('index_unavailable', 'the thread of the embedded vector index has ended'));
    });
  }

  run(request: ScanRequest): Promise<ScanAnswer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#pending.size >= this.#maxPending) {
      return Promise.reject(
        new SomaError('overloaded', 'too many searches wait for the embedded vector index'),
      );
    }
    this.#lastId += 1;
    const message: WorkerRequest = { id: this.#lastId, request };
    return new Promise((resolve, reject) => {
      this.#pending.set(message.id, { resolve, reject });
      this.#worker.postMessage(message);
    });
  }

  isBroken(): boolean {
    return this.#failure !== undefined;
  }

  waiting(): number {
    return this.#pending.size;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(failure: SomaError): void {
    this.#failure ??= failure;
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
  }
}
