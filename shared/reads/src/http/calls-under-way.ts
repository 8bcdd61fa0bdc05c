import { SomaError } from '@soma/memory';
import { counter, HeldBytes, measured, type Holding } from '@soma/service';
import type { Registry } from 'prom-client';

export interface CallLimits {
  maxCalls: number;
  /** Of the memories that are held for answers, until they are sent. */
  maxAnswerBytes: number;
}

/** Bounds what the query service has under way at one time; beyond it overloaded. */
export class CallsUnderWay {
  readonly #maxCalls: number;
  readonly #answers: HeldBytes;
  readonly #refused;
  #calls = 0;

  constructor({ maxCalls, maxAnswerBytes }: CallLimits, registry: Registry) {
    this.#maxCalls = maxCalls;
    this.#answers = new HeldBytes(maxAnswerBytes, 'too many large answers are under way; try again');
    measured(
      registry,
      { name: 'soma_query_calls_in_flight', help: 'Reads and searches under way.' },
      () => this.#calls,
    );
    measured(
      registry,
      { name: 'soma_query_answer_bytes', help: 'Bytes of what is read for the answers under way.' },
      () => this.#answers.bytes,
    );
    this.#refused = counter(registry, {
      name: 'soma_query_overloaded_total',
      help: 'Calls refused because too much was under way.',
    });
  }

  /** The release of what it gives back ends the call. @throws SomaError overloaded */
  enter(): Holding {
    if (this.#calls >= this.#maxCalls) {
      throw new SomaError('overloaded', 'too many reads are under way; try again');
    }
    this.#calls += 1;
    const answer = this.#answers.open();
    let isOver = false;
    return {
      add: answer.add,
      release: () => {
        answer.release();
        if (!isOver) this.#calls -= 1;
        isOver = true;
      },
    };
  }

  /** A call ended with overloaded, for want of a place or of room for its answer. */
  refused(): void {
    this.#refused.inc();
  }
}
