import { SomaError } from '@soma/memory';
import { gaveUp } from '../gave-up.js';

/** Callers that wait for a slot at most; more means that the endpoint cannot keep up. */
const MAX_WAITING = 1_000;

/** At most `count` pieces of work at a time; the rest waits in order, and leaves when its signal aborts. */
export class Slots {
  readonly #waiting = new Set<() => void>();
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#take(signal);
    try {
      return await work();
    } finally {
      this.#give();
    }
  }

  async #take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw gaveUp(signal);
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    if (this.#waiting.size >= MAX_WAITING) {
      throw new SomaError('embedder_unavailable', 'too many requests wait for the embedding endpoint');
    }
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(enter);
        reject(gaveUp(signal));
      };
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      this.#waiting.add(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  /** The slot goes to the longest waiter, or is free. */
  #give(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
