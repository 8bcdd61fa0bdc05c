import type { Queryable } from '@soma/postgres';
import type { Topic } from '@soma/events';
import type { LogRecord, PartitionBounds, TopicPartition } from '../port.js';

export interface ReadFrom extends TopicPartition {
  position: number;
}

type RecordRow = Omit<LogRecord, 'key'> & { key: Buffer | null };

interface ReadRow extends RecordRow {
  /** First position that the partition still holds. */
  start: number;
}

function toRecord(row: RecordRow): LogRecord {
  return { ...row, key: row.key === null ? null : row.key.toString() };
}

// A partition whose counter is not beyond the position asked for costs one look at its counter row. octet_length
// of a stored bytea is known without reading it, so records past the byte limit are not read either.
const READ_RECORDS = `
  select r.*, p.topic, p.partition, p.start_position as start
  from unnest($1::text[], $2::integer[], $3::bigint[]) as f (topic, partition, position)
  join log_partitions p on p.topic = f.topic and p.partition = f.partition and p.next_position > f.position
  cross join lateral (
    select position, key, value, headers, at as timestamp
    from (
      select l.*, sum(coalesce(octet_length(value), 0)) over (order by position) - coalesce(octet_length(value), 0) as before
      from (
        select * from log_records
        where topic = p.topic and partition = p.partition and position >= f.position
        order by position
        limit $4
      ) l
    ) sized
    where before < $5
    order by position
  ) r`;

/** Records of several partitions, each in order and each within the limits; `start` is where the log now begins. */
export async function readRecords(
  db: Queryable,
  from: ReadFrom[],
  maxRecords: number,
  maxBytes: number,
): Promise<Map<string, { start: number; records: LogRecord[] }>> {
  const { rows } = await db.query<ReadRow>(READ_RECORDS, [
    from.map(({ topic }) => topic),
    from.map(({ partition }) => partition),
    from.map(({ position }) => position),
    maxRecords,
    maxBytes,
  ]);
  const read = new Map<string, { start: number; records: LogRecord[] }>();
  for (const { start, ...row } of rows) {
    const record = toRecord(row);
    const name = `${record.topic}/${record.partition}`;
    const found = read.get(name);
    if (found === undefined) read.set(name, { start, records: [record] });
    else found.records.push(record);
  }
  return read;
}

const READ_RECORD = `
  select topic, partition, position, key, value, headers, at as timestamp
  from log_records where topic = $1 and partition = $2 and position = $3`;

export async function readRecord(
  db: Queryable,
  topic: Topic,
  partition: number,
  position: number,
): Promise<LogRecord | undefined> {
  const { rows } = await db.query<RecordRow>(READ_RECORD, [topic, partition, position]);
  return rows[0] === undefined ? undefined : toRecord(rows[0]);
}

const READ_BOUNDS = `
  select partition, start_position as start, next_position as "end"
  from log_partitions where topic = $1 order by partition`;

export async function readBounds(db: Queryable, topic: Topic): Promise<PartitionBounds[]> {
  const { rows } = await db.query<PartitionBounds>(READ_BOUNDS, [topic]);
  return rows;
}
