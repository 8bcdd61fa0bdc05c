import { RequestRefused } from './refusal.js';

/** Bounds what is under way at one time: requests, and the bytes of their bodies. Beyond it 503 overloaded. */
export class Admission {
  readonly #maxRequests: number;
  readonly #maxBodyBytes: number;
  #requests = 0;
  #bodyBytes = 0;
  #stopping = false;

  constructor(limits: { maxRequests: number; maxBodyBytes: number }) {
    this.#maxRequests = limits.maxRequests;
    this.#maxBodyBytes = limits.maxBodyBytes;
  }

  get requests(): number {
    return this.#requests;
  }

  /** Room that bodies under way were given. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** From now on every request is refused with shutting_down. */
  stop(): void {
    this.#stopping = true;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** @returns what ends the request's stay, harmless when called again. */
  enter(): () => void {
    if (this.#requests >= this.#maxRequests) {
      throw new RequestRefused('overloaded', 'too many requests are under way; try again');
    }
    this.#requests += 1;
    return once(() => (this.#requests -= 1));
  }

  /** Room for a body of at most `bytes`. @returns what gives the room back. */
  holdBody(bytes: number): () => void {
    // A body larger than all the room there is may come when it is alone.
    if (this.#bodyBytes > 0 && this.#bodyBytes + bytes > this.#maxBodyBytes) {
      throw new RequestRefused('overloaded', 'too many large bodies are under way; try again');
    }
    this.#bodyBytes += bytes;
    return once(() => (this.#bodyBytes -= bytes));
  }
}

function once(work: () => unknown): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
}
