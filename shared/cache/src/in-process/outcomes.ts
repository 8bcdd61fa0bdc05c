import type { Operation } from '@soma/memory';
import { NO_OUTCOMES_METRICS, type OutcomesMetrics } from '../metrics.js';
import type { Outcomes } from '../port.js';

export interface InProcessOutcomesConfig {
  metrics?: OutcomesMetrics;
  /** Hears what a listener throws. */
  onError?: (error: unknown) => void;
}

/** Operations on their way to listeners; beyond it news is dropped. */
const MAX_PENDING_OPERATIONS = 10_000;

/** Outcomes between the services of one process. Listeners run after the publisher's turn, never inside it. */
export function createInProcessOutcomes(config: InProcessOutcomesConfig = {}): Outcomes {
  return new InProcessOutcomes(config);
}

class InProcessOutcomes implements Outcomes {
  readonly #metrics: OutcomesMetrics;
  readonly #onError: (error: unknown) => void;
  readonly #listeners = new Map<string, (operations: Operation[]) => void>();
  #pending = 0;

  constructor(config: InProcessOutcomesConfig) {
    this.#metrics = config.metrics ?? NO_OUTCOMES_METRICS;
    this.#onError = config.onError ?? (() => undefined);
  }

  publish(replyTo: string, operations: Operation[]): Promise<void> {
    if (operations.length === 0) return Promise.resolve();
    if (!this.#listeners.has(replyTo) || this.#pending + operations.length > MAX_PENDING_OPERATIONS) {
      this.#metrics.dropped(operations.length);
      return Promise.resolve();
    }
    this.#pending += operations.length;
    setImmediate(() => {
      this.#pending -= operations.length;
      this.#deliver(replyTo, operations);
    });
    return Promise.resolve();
  }

  subscribe(name: string, listener: (operations: Operation[]) => void): Promise<{ close(): Promise<void> }> {
    this.#listeners.set(name, listener);
    const close = () => {
      if (this.#listeners.get(name) === listener) this.#listeners.delete(name);
      return Promise.resolve();
    };
    return Promise.resolve({ close });
  }

  close(): Promise<void> {
    this.#listeners.clear();
    return Promise.resolve();
  }

  #deliver(name: string, operations: Operation[]): void {
    try {
      this.#listeners.get(name)?.(operations);
    } catch (error) {
      this.#onError(error);
    }
  }
}
