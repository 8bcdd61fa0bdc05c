import { SomaError } from '@soma/memory';
import { unlessAborted } from '@soma/postgres';
import { withTimeout } from '@soma/service';

/** What a search may still take, and for whom. */
export class Deadline {
  readonly #end: number;
  readonly #ms: number;
  readonly #caller: AbortSignal | undefined;

  /** @param caller aborted when nobody waits for the answer any more */
  constructor(ms: number, caller: AbortSignal | undefined) {
    this.#ms = ms;
    this.#end = performance.now() + ms;
    this.#caller = caller;
  }

  /** A stage that others can do without takes no more than this, milliseconds: there is always as much left for them. */
  get half(): number {
    return this.left / 2;
  }

  /** Milliseconds. */
  get left(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /** Nobody is told what is thrown after the caller has gone, so nothing takes the place of what is missing. */
  throwIfGone(): void {
    if (this.#caller?.aborted === true)
      throw new SomaError('request_timeout', 'nobody waits for this search any more', { retryable: false });
  }

  /**
   * What `work` brings within so many milliseconds. Its signal is aborted when the time is over or the caller is gone;
   * work that does not heed it is left behind.
   * @throws SomaError deadline_exceeded
   */
  async within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.throwIfGone();
    const timeout = { ms: Math.min(ms, this.left), late: () => this.#late(), signal: this.#caller };
    try {
      return await withTimeout(timeout, (signal) => unlessAborted(work(signal), signal));
    } catch (error) {
      this.throwIfGone();
      throw error;
    }
  }

  #late(): SomaError {
    return new SomaError('deadline_exceeded', `the search was to take ${this.#ms} ms at most`);
  }
}
