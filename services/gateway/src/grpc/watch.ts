import { once, type EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';
import type { JsonObject } from '@bufbuild/protobuf';
import { ERROR_CODES, type ErrorCode } from '@soma/memory';
import { RequestRefused } from '../refusal.js';
import { feedEvents } from './event-lines.js';

/** What a Watch writes to: the call, as far as it is a stream. */
export type Reader = Pick<Writable, 'write'> & EventEmitter;

export interface Watching {
  messageOf: (json: JsonObject) => Buffer;
  /** A reader that takes nothing for so long is given up, milliseconds. */
  stalledMs: number;
}

/**
 * Hands the events of the feed on, each when there is room for it; while there is none the feed itself waits.
 * @throws RequestRefused with the code that the feed ended with; request_timeout for a reader that takes nothing
 */
export async function watch(
  feed: AsyncIterable<Buffer>,
  reader: Reader,
  { messageOf, stalledMs }: Watching,
): Promise<void> {
  for await (const { id, event, data } of feedEvents(feed)) {
    if (event === 'end') throw endOf(data);
    if (id === undefined) continue;
    const change = data === undefined ? {} : { change: data as JsonObject };
    if (!reader.write(messageOf({ id, ...change }))) await roomIn(reader, stalledMs);
  }
}

async function roomIn(reader: Reader, stalledMs: number): Promise<void> {
  const over = new AbortController();
  const leave = (): void => {
    over.abort();
  };
  reader.once('cancelled', leave);
  try {
    await once(reader, 'drain', { signal: AbortSignal.any([over.signal, AbortSignal.timeout(stalledMs)]) });
  } catch (cause) {
    throw new RequestRefused('request_timeout', 'nothing was taken for too long; go on from the last id', {
      cause,
    });
  } finally {
    reader.off('cancelled', leave);
  }
}

function endOf(data: unknown): RequestRefused {
  const { code } = data as { code: string };
  const known: ErrorCode = code in ERROR_CODES ? (code as ErrorCode) : 'internal';
  return new RequestRefused(known, 'the feed ended here; go on from the last id');
}
