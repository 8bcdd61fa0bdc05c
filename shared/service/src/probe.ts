import { setTimeout as delay } from 'node:timers/promises';

/** How long a dependency may take to answer a probe, milliseconds. */
export const PROBE_TIMEOUT_MS = 2_000;

/** Runs all checks side by side; one that throws, answers false, or is not back in time is false. Never throws. */
export async function probe(
  checks: Record<string, () => unknown>,
  timeoutMs = PROBE_TIMEOUT_MS,
): Promise<Record<string, boolean>> {
  const entries = Object.entries(checks).map(async ([name, check]) => {
    const answer = await within(timeoutMs, async () => (await check()) !== false, false);
    return [name, answer] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The answer of `work`, or `fallback` when it throws or is not back in time. */
export async function within<T>(timeoutMs: number, work: () => Promise<T>, fallback: T): Promise<T> {
  const timer = new AbortController();
  try {
    const late = delay(timeoutMs, fallback, { signal: timer.signal, ref: false });
    // A rejection must not be thrown into the void when the race is over.
    late.catch(() => fallback);
    return await Promise.race([work(), late]);
  } catch {
    return fallback;
  } finally {
    timer.abort();
  }
}
