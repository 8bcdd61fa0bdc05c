/** When a thread that failed may be started again: at once, then after 1, 2, 4 … 30 seconds without a success. */
export class Restarts {
  readonly #now: () => number;
  #failures = 0;
  #notBefore = 0;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  failed(): void {
    const seconds = this.#failures === 0 ? 0 : Math.min(30, 2 ** (this.#failures - 1));
    this.#failures += 1;
    this.#notBefore = this.#now() + seconds * 1_000;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#notBefore = 0;
  }

  /** Milliseconds until the next start; 0 when it may be now. */
  waitMs(): number {
    return Math.max(0, this.#notBefore - this.#now());
  }
}
