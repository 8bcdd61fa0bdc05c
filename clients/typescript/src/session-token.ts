import type { CallLimit } from './call-limit.js';
import { SomaError } from './errors.js';
import type { ApiAnswer, ApiCall } from './transport.js';

/** Writes of one session that may wait for their turn. */
const MOST_WAITING = 1_000;
const HEADER = 'Soma-Consistency-Token';

/**
 * The consistency token of a session. A write sends the last one and is answered with one that covers both, so writes
 * go one after the other: of two at a time, each answer would miss the other's write.
 */
export class SessionToken {
  #current: string | null;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(token: string | null) {
    this.#current = token;
  }

  get current(): string | null {
    return this.#current;
  }

  /** @throws what `send` throws */
  async attached(call: ApiCall, send: (call: ApiCall) => Promise<ApiAnswer>): Promise<ApiAnswer> {
    const sent = this.#current;
    try {
      return await send({ ...call, headers: { ...call.headers, [HEADER]: sent ?? undefined } });
    } catch (error) {
      // The service was put back to an earlier state, which is told once; what comes then has nothing to be newer than.
      if (isRefused(error) && this.#current === sent) this.#current = null;
      throw error;
    }
  }

  /** Waits until all writes before have ended. @throws what `send` throws; SomaError session_busy */
  async inTurn(limit: CallLimit, send: () => Promise<ApiAnswer>): Promise<ApiAnswer> {
    if (this.#waiting >= MOST_WAITING) throw sessionBusy();
    const before = this.#last;
    let done = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      done = resolve;
    });
    // Who gives up while waiting does not let the next one start early.
    this.#last = before.then(() => ended);
    this.#waiting += 1;
    try {
      await limit.within(before);
      const answer = await send();
      this.#take(answer.headers.get(HEADER));
      return answer;
    } catch (error) {
      if (error instanceof SomaError) this.#take(error.consistencyToken);
      throw error;
    } finally {
      this.#waiting -= 1;
      done();
    }
  }

  #take(token: string | null): void {
    if (token !== null) this.#current = token;
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof SomaError && error.code === 'invalid_consistency_token';
}

function sessionBusy(): SomaError {
  return new SomaError(
    `${MOST_WAITING} writes of this session wait for their turn; batch() takes 500 at once`,
    {
      code: 'session_busy',
      status: null,
      retryable: true,
    },
  );
}
