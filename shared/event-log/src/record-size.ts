import { MAX_RECORD_BYTES } from '@soma/events';
import { SomaError } from '@soma/memory';
import type { NewRecord } from './port.js';

/** Room left for what Kafka adds to a batch of one record (61 bytes) and to a record (at most 40). */
const FRAME_BYTES = 128;
/** Lengths and counts around one header. */
const HEADER_FRAME_BYTES = 8;

/** Bytes that a record takes in the log, at most. */
export function recordBytes(record: Pick<NewRecord, 'key' | 'value' | 'headers'>): number {
  let bytes = FRAME_BYTES + (record.value?.length ?? 0);
  if (record.key !== null) bytes += Buffer.byteLength(record.key);
  for (const [name, value] of Object.entries(record.headers)) {
    bytes += HEADER_FRAME_BYTES + Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  return bytes;
}

/** The refusal of a record that no batch can hold. */
export function tooLarge(bytes: number): SomaError | undefined {
  if (bytes <= MAX_RECORD_BYTES) return undefined;
  return new SomaError(
    'record_too_large',
    `a record of ${bytes} bytes is over the log's limit of ${MAX_RECORD_BYTES}`,
  );
}
