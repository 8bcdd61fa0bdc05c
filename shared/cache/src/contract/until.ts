/** Waits for a condition; polls, for what is waited for lies outside this process. */
export async function until(condition: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not so within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Tries again until it does not fail. */
export async function untilDone(work: () => Promise<unknown>): Promise<void> {
  await until(() =>
    work().then(
      () => true,
      () => false,
    ),
  );
}
