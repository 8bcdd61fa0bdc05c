import { SomaError } from './errors.js';
import { onAbort } from './on-abort.js';
import { pauseOf } from './pause.js';
import type { ExportedMemory } from './types.js';

/** Cuts one after the other, without a page between them, after which the export is given up. */
const MOST_CUTS = 5;
/** A connection that says nothing for so long is lost. */
const SILENCE_MS = 30_000;

export type OpenExport = (cursor: string | undefined) => Promise<ReadableStream<Uint8Array>>;

/**
 * Goes through an export. A page is given out once it came whole, with the cursor behind it: where the connection is cut, the
 * next one goes on there, and nothing comes twice.
 */
export async function* exportMemories(
  open: OpenExport,
  signal: AbortSignal | undefined,
): AsyncGenerator<ExportedMemory, void> {
  let cursor: string | undefined;
  for (let cuts = 0; cuts < MOST_CUTS; cuts += 1) {
    if (cuts > 0) await pauseOf(cuts - 1, signal);
    let page: ExportedMemory[] = [];
    for await (const line of linesOf(await open(cursor), signal)) {
      const row = JSON.parse(line) as ExportedMemory | { next_cursor: string | null };
      if (!('next_cursor' in row)) {
        page.push(row);
        continue;
      }
      yield* page;
      if (row.next_cursor === null) return;
      [page, cursor, cuts] = [[], row.next_cursor, 0];
    }
  }
  throw new SomaError('the export was cut again and again', {
    code: 'unreachable',
    status: null,
    retryable: true,
  });
}

/** Whole lines, until the stream ends or is cut. @throws what the signal was aborted with */
async function* linesOf(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const cancel = (): void => void reader.cancel().catch(() => undefined);
  const stopListening = signal === undefined ? () => undefined : onAbort(signal, cancel);
  let rest = '';
  try {
    for (;;) {
      const chunk = await readWithin(reader, cancel);
      signal?.throwIfAborted();
      if (chunk === undefined) return;
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    stopListening();
    cancel();
  }
}

/** Undefined at the end, and where the connection is cut or silent. */
async function readWithin(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  cancel: () => void,
): Promise<Uint8Array | undefined> {
  const timer = setTimeout(cancel, SILENCE_MS);
  try {
    return (await reader.read()).value;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
