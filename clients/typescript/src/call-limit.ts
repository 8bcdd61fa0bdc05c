import { SomaError } from './errors.js';
import { onAbort } from './on-abort.js';

const NOTHING = (): void => undefined;
/** setTimeout takes no longer wait. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * What bounds one call, its waiting and all its attempts together: the caller's AbortSignal and a deadline.
 * `end` has to be called, or a timer stays.
 */
export class CallLimit {
  readonly #ends: number;
  readonly #over = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #stopListening: () => void;

  /** @throws what `signal` was aborted with, when it is already */
  constructor(deadlineMs: number, signal: AbortSignal | undefined) {
    signal?.throwIfAborted();
    this.#ends = performance.now() + deadlineMs;
    const giveUp = (): void => {
      this.#over.abort(signal?.reason);
    };
    this.#stopListening = signal === undefined ? NOTHING : onAbort(signal, giveUp);
    this.#timer = setTimeout(() => {
      this.#over.abort(deadlineExceeded(deadlineMs));
    }, clamp(deadlineMs));
  }

  /** Milliseconds. */
  get left(): number {
    return this.#ends - performance.now();
  }

  /** @throws why it is over, when it is */
  check(): void {
    this.#over.signal.throwIfAborted();
  }

  /** Waits for what may take longer than the call. @throws why the call is over, when it is over first */
  async within<T>(promise: Promise<T>): Promise<T> {
    this.check();
    const { signal } = this.#over;
    let stop = NOTHING;
    const over = new Promise<never>((_, reject) => {
      stop = () => {
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', stop);
    });
    try {
      return await Promise.race([promise, over]);
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  async pause(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const pause = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, clamp(ms));
    });
    try {
      await this.within(pause);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Runs one attempt under a signal that ends it after `ms`, or with the call. */
  async attempt<T>(ms: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.check();
    const attempt = new AbortController();
    const { signal } = this.#over;
    const stop = (): void => {
      attempt.abort(signal.reason);
    };
    signal.addEventListener('abort', stop);
    const timer = setTimeout(() => {
      attempt.abort(new DOMException('no answer in time', 'TimeoutError'));
    }, clamp(ms));
    try {
      return await run(attempt.signal);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#stopListening();
  }
}

function clamp(ms: number): number {
  return Math.min(Math.max(0, ms), LONGEST_MS);
}

function deadlineExceeded(deadlineMs: number): SomaError {
  return new SomaError(`no answer within ${deadlineMs} ms`, {
    code: 'deadline_exceeded',
    status: null,
    retryable: true,
  });
}
