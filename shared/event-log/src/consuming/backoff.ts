/** Milliseconds before try `attempt` (0 is the first repeat): doubling up to `maxMs`, the upper half of it at random. */
export function backoffMs(attempt: number, firstMs: number, maxMs: number): number {
  const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 30));
  return ceiling / 2 + (Math.random() * ceiling) / 2;
}
