import { Worker } from 'node:worker_threads';
import { SomaError } from '@soma/memory';
import { unpack, type PackedCandidates } from './packed-candidates.js';
import type { ScanAnswer, Scanner, ScanRequest } from './scanner.js';

export interface WorkerRequest {
  id: number;
  request: ScanRequest;
}
export interface WorkerAnswer {
  id: number;
  live: number;
  candidates: PackedCandidates | null;
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

interface Waiting {
  request: ScanRequest;
  signal: AbortSignal | undefined;
  resolve: (answer: ScanAnswer) => void;
  reject: (error: unknown) => void;
}

/** Requests that the thread is given at one time: the next lies ready when one is done. The others can still be let go. */
const HANDED_OVER = 2;

class WorkerScanner implements Scanner {
  readonly #worker: Worker;
  readonly #maxPending: number;
  readonly #queue: Waiting[] = [];
  readonly #handedOver = new Map<number, Waiting>();
  #lastId = 0;
  #failure: SomaError | undefined;

  constructor({ maxPending, maxHeapMb, workerUrl }: WorkerScannerOptions) {
    this.#maxPending = maxPending;
    this.#worker = new Worker(workerUrl ?? new URL('./scan-worker.js', import.meta.url), {
      name: 'vector-index',
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
    });
    this.#worker.on('message', ({ id, live, candidates }: WorkerAnswer) => {
      this.#handedOver
        .get(id)
        ?.resolve({ live, candidates: candidates === null ? null : unpack(candidates) });
      this.#handedOver.delete(id);
      this.#handOver();
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

  run(request: ScanRequest, signal?: AbortSignal): Promise<ScanAnswer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.waiting() >= this.#maxPending) {
      return Promise.reject(
        new SomaError('overloaded', 'too many searches wait for the embedded vector index'),
      );
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, signal, resolve, reject });
      this.#handOver();
    });
  }

  isBroken(): boolean {
    return this.#failure !== undefined;
  }

  waiting(): number {
    return this.#queue.length + this.#handedOver.size;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  /** In order: what was applied before a search is what it sees. */
  #handOver(): void {
    while (this.#handedOver.size < HANDED_OVER) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      if (next.signal?.aborted === true) {
        next.reject(next.signal.reason);
        continue;
      }
      this.#lastId += 1;
      const message: WorkerRequest = { id: this.#lastId, request: next.request };
      this.#handedOver.set(message.id, next);
      this.#worker.postMessage(message);
    }
  }

  #fail(failure: SomaError): void {
    this.#failure ??= failure;
    for (const { reject } of [...this.#handedOver.values(), ...this.#queue]) reject(this.#failure);
    this.#handedOver.clear();
    this.#queue.length = 0;
  }
}
