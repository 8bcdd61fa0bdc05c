import { setTimeout as sleep } from 'node:timers/promises';
import { SomaError } from '@soma/memory';

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
    const end = new AbortController();
    const signal = this.#caller === undefined ? end.signal : AbortSignal.any([end.signal, this.#caller]);
    const over = this.#over(Math.min(ms, this.left), signal);
    try {
      return await Promise.race([work(signal), over]);
    } catch (error) {
      this.throwIfGone();
      throw error;
    } finally {
      over.catch(() => undefined);
      end.abort(this.#late());
    }
  }

  async #over(ms: number, signal: AbortSignal): Promise<never> {
    await sleep(ms, undefined, { signal });
    throw this.#late();
  }

  #late(): SomaError {
    return new SomaError('deadline_exceeded', `the search was to take ${this.#ms} ms at most`);
  }
}
