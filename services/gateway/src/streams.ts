import { RequestRefused } from './refusal.js';

export interface StreamLimits {
  max: number;
  maxPerToken: number;
}

export interface OpenStream {
  /** Aborted when the stream has to end; the reason is what to tell. */
  signal: AbortSignal;
  release: () => void;
}

/** Answers that go on: how many there are, of whom, and their common end when the process stops. */
export class Streams {
  readonly #limits: StreamLimits;
  readonly #open = new Map<AbortController, string>();

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** @throws RequestRefused rate_limited, overloaded */
  open(subject: string): OpenStream {
    const own = [...this.#open.values()].filter((other) => other === subject).length;
    if (own >= this.#limits.maxPerToken) {
      throw new RequestRefused('rate_limited', `a token may have ${this.#limits.maxPerToken} streams`, {
        headers: { 'Retry-After': '5' },
      });
    }
    if (this.#open.size >= this.#limits.max) {
      throw new RequestRefused('overloaded', 'too many streams are open; try again');
    }
    const controller = new AbortController();
    this.#open.set(controller, subject);
    return {
      signal: controller.signal,
      release: () => {
        this.#open.delete(controller);
      },
    };
  }

  /** Ends all of them. */
  stop(): void {
    const reason = new RequestRefused('shutting_down', 'this process is stopping; resume by Last-Event-ID');
    for (const controller of this.#open.keys()) controller.abort(reason);
  }
}
