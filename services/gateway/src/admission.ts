import { HeldBytes, type Holding } from '@soma/service';
import { RequestRefused } from './refusal.js';

export interface AdmissionLimits {
  maxRequests: number;
  maxBodyBytes: number;
  maxAnswerBytes: number;
}

/** Bounds what is under way at one time: requests, the bytes of their bodies and answers. Beyond it 503 overloaded. */
export class Admission {
  readonly #maxRequests: number;
  readonly #bodies: HeldBytes;
  readonly #answers: HeldBytes;
  #requests = 0;
  #stopping = false;

  constructor(limits: AdmissionLimits) {
    this.#maxRequests = limits.maxRequests;
    this.#bodies = new HeldBytes(limits.maxBodyBytes, 'too many large bodies are under way; try again');
    this.#answers = new HeldBytes(limits.maxAnswerBytes, 'too many large answers are under way; try again');
  }

  get requests(): number {
    return this.#requests;
  }

  /** Room that bodies under way were given. */
  get bodyBytes(): number {
    return this.#bodies.bytes;
  }

  get answerBytes(): number {
    return this.#answers.bytes;
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
    const holding = this.#bodies.open();
    holding.add(bytes);
    return holding.release;
  }

  /** Room for what is read for one answer, which is told of as it comes. */
  holdAnswer(): Holding {
    return this.#answers.open();
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
