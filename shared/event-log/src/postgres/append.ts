import type { Topic } from '@soma/events';
import { SomaError } from '@soma/memory';
import { inTransaction } from '@soma/postgres';
import type pg from 'pg';
import type { WaitingRecord } from '../appending/partition-queue.js';
import { LOG_CHANNEL } from './config.js';

/** What one transaction appends to one partition. */
export interface PartitionAppend {
  topic: Topic;
  partition: number;
  records: WaitingRecord[];
}

// One order for everybody, so that two appends never wait for each other.
const LOCK_PARTITIONS = `
  select topic, partition, next_position
  from log_partitions
  where (topic, partition) in (select * from unnest($1::text[], $2::integer[]))
  order by topic, partition
  for update`;

// Keys and values come as one binary parameter that is cut by lengths: an array of bytea would travel as hex.
const INSERT_RECORDS = `
  with moved as (
    update log_partitions p
    set next_position = m.next_position
    from unnest($1::text[], $2::integer[], $3::bigint[]) as m (topic, partition, next_position)
    where p.topic = m.topic and p.partition = m.partition
  ), added as (
    insert into log_records (topic, partition, position, key, value, headers, at)
    select topic, partition, position,
      substring($4::bytea from start for key_length),
      substring($4::bytea from start + coalesce(key_length, 0) for value_length),
      headers, clock_timestamp()
    from unnest($5::text[], $6::integer[], $7::bigint[], $8::integer[], $9::integer[], $10::integer[], $11::json[])
      as r (topic, partition, position, start, key_length, value_length, headers)
  )
  select pg_notify('${LOG_CHANNEL}', $12)`;

/**
 * Appends in one transaction and returns the first position of each partition's records. The counter rows stay
 * locked until the commit, so that commit order is position order and a reader never passes a position that is
 * still being decided. `origin` names this process to listeners.
 */
export async function append(pool: pg.Pool, appends: PartitionAppend[], origin: string): Promise<number[]> {
  return inTransaction(pool, async (tx) => {
    const topics = appends.map(({ topic }) => topic);
    const partitions = appends.map(({ partition }) => partition);
    const { rows } = await tx.query<{ topic: Topic; partition: number; next_position: number }>(
      LOCK_PARTITIONS,
      [topics, partitions],
    );
    const counters = new Map(rows.map((row) => [`${row.topic}/${row.partition}`, row.next_position]));
    const first = appends.map(({ topic, partition }) => {
      const next = counters.get(`${topic}/${partition}`);
      if (next !== undefined) return next;
      throw new SomaError('invalid_configuration', `the log has no partition ${partition} of ${topic}`);
    });
    const next = appends.map(({ records }, index) => (first[index] ?? 0) + records.length);
    await tx.query(INSERT_RECORDS, [topics, partitions, next, ...recordColumns(appends, first), origin]);
    return first;
  });
}

/** Parameters $4 to $11 of INSERT_RECORDS. */
function recordColumns(appends: PartitionAppend[], first: number[]): unknown[] {
  const bytes: Buffer[] = [];
  const columns: [string[], number[], number[], number[], (number | null)[], (number | null)[], string[]] = [
    [],
    [],
    [],
    [],
    [],
    [],
    [],
  ];
  const [topics, partitions, positions, starts, keyLengths, valueLengths, headers] = columns;
  // substring counts from 1.
  let start = 1;
  for (const [index, { topic, partition, records }] of appends.entries()) {
    for (const [rank, { record }] of records.entries()) {
      const key = record.key === null ? null : Buffer.from(record.key);
      topics.push(topic);
      partitions.push(partition);
      positions.push((first[index] ?? 0) + rank);
      starts.push(start);
      keyLengths.push(key?.length ?? null);
      valueLengths.push(record.value?.length ?? null);
      headers.push(JSON.stringify(record.headers));
      for (const part of [key, record.value]) {
        if (part === null) continue;
        bytes.push(part);
        start += part.length;
      }
    }
  }
  return [Buffer.concat(bytes), ...columns];
}
