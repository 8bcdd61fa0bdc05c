import { onAbort } from './on-abort.js';

const PAUSE = { firstMs: 200, longestMs: 10_000 };

/** Longer after each failure. @throws what the signal was aborted with */
export async function pauseOf(failures: number, signal: AbortSignal | undefined): Promise<void> {
  const jitter = 0.5 + Math.random() / 2;
  await pause(jitter * Math.min(PAUSE.longestMs, PAUSE.firstMs * 2 ** failures), signal);
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stopListening();
      resolve();
    };
    const timer = setTimeout(end, ms);
    const stopListening = signal === undefined ? () => undefined : onAbort(signal, end);
  });
  signal?.throwIfAborted();
}
