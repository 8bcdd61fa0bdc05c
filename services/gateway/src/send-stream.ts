import type { ServerResponse } from 'node:http';
import { once } from 'node:events';

/** A reader that takes nothing for so long is cut off, milliseconds; what waits for it is a few pieces at most. */
export const STALLED_MS = 30_000;

/** Sends an answer piece by piece, the next only when there is room for it. Ends the stream when the reader is gone. */
export async function sendStream(response: ServerResponse, pieces: AsyncIterable<string>): Promise<void> {
  response.flushHeaders();
  try {
    for await (const piece of pieces) {
      if (response.destroyed) return;
      if (!response.write(piece)) await once(response, 'drain', { signal: AbortSignal.timeout(STALLED_MS) });
    }
    response.end();
  } catch {
    // Half an answer must not look like a whole one.
    response.destroy();
  }
}
