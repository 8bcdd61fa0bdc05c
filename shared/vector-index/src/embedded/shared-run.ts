/**
 * One piece of work for many callers at once. Whoever asks is served by a run that began after the asking, so that
 * the run sees everything the caller may rely on; all who ask during a run share the one that follows it.
 */
export class SharedRun {
  readonly #work: () => Promise<void>;
  #running: Promise<void> | undefined;
  #following: Promise<void> | undefined;

  constructor(work: () => Promise<void>) {
    this.#work = work;
  }

  run(): Promise<void> {
    if (this.#running === undefined) return this.#begin();
    const begin = () => {
      this.#following = undefined;
      return this.#begin();
    };
    // Whether the earlier run failed is no matter of those who wait for the next.
    this.#following ??= this.#running.then(begin, begin);
    return this.#following;
  }

  #begin(): Promise<void> {
    const running = this.#work().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}
