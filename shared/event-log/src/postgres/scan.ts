import type { Topic } from '@soma/events';
import type { Queryable } from '@soma/postgres';
import type { LogRecord, PartitionBounds } from '../port.js';
import { readRecords } from './read.js';
import { orUnavailable } from './unavailable.js';

const MAX_RECORDS = 1_000;
const MAX_BYTES = 4 * 1024 * 1024;

export async function* scanPartition(
  db: Queryable,
  topic: Topic,
  { partition, start, end }: PartitionBounds,
): AsyncIterable<LogRecord[]> {
  for (let position = start; position < end;) {
    const of = { topic, partition, position };
    const read = await orUnavailable(readRecords(db, [of], MAX_RECORDS, MAX_BYTES));
    const found = read.get(`${topic}/${partition}`)?.records ?? [];
    const last = found.at(-1);
    // Retention has taken the rest.
    if (last === undefined) return;
    const records = found.filter((record) => record.position < end);
    if (records.length > 0) yield records;
    position = last.position + 1;
  }
}
