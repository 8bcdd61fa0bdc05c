import CircuitBreaker from 'opossum';

export interface Breaker {
  run<T>(work: () => Promise<T>): Promise<T>;
  isOpen(): boolean;
}

/**
 * Stops asking a dependency that keeps failing, and lets one request through every few seconds to see whether it is
 * back. Rejects with the dependency's own error, or at once while open.
 * @param timeoutMs false where the work has a deadline of its own
 */
export function createBreaker(
  name: string,
  timeoutMs: number | false,
  isFailure: (error: unknown) => boolean,
): Breaker {
  const breaker = new CircuitBreaker((work: () => Promise<unknown>) => work(), {
    name,
    timeout: timeoutMs,
    resetTimeout: 2_000,
    errorThresholdPercentage: 50,
    volumeThreshold: 5,
    rollingCountTimeout: 5_000,
    errorFilter: (error: unknown) => !isFailure(error),
  });
  return {
    run: (work) => breaker.fire(work) as ReturnType<typeof work>,
    isOpen: () => breaker.opened,
  };
}
