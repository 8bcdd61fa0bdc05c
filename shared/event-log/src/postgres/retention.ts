import { RETENTION_MS, TOPICS, type Topic } from '@soma/events';
import { periodic, type Periodic } from '@soma/service';
import type pg from 'pg';
import type { Logger } from '../log-options.js';

/** Records removed by one statement. */
const CHUNK = 5_000;

// Only from the front, and only up to the first record that is young enough, so that what is held has no gaps.
const REMOVE_EXPIRED = `
  with oldest as (
    select position, at < now() - $3 * interval '1 millisecond' as expired
    from log_records where topic = $1 and partition = $2 order by position limit $4
  ), bound as (
    select coalesce(min(position) filter (where not expired), max(position) + 1) as start from oldest
  ), removed as (
    delete from log_records using bound
    where topic = $1 and partition = $2 and position < bound.start
    returning position
  )
  update log_partitions p
  set start_position = greatest(start_position, bound.start)
  from bound, (select count(*) as count from removed) r
  where p.topic = $1 and p.partition = $2 and r.count > 0
  returning r.count`;

/** Removes what is older than `retentionMs` from one partition; returns how many records went. */
export async function removeExpired(
  pool: pg.Pool,
  topic: Topic,
  partition: number,
  retentionMs: number,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const { rows } = await pool.query<{ count: number }>(REMOVE_EXPIRED, [
      topic,
      partition,
      retentionMs,
      CHUNK,
    ]);
    const count = rows[0]?.count ?? 0;
    removed += count;
    if (count < CHUNK) return removed;
  }
}

export interface RetentionOptions {
  pool: pg.Pool;
  logger: Logger;
  partitions: number;
  retentionMs: Partial<Record<Topic, number>>;
  intervalMs: number;
}

/** Removes expired records of all topics. */
export function keepRetention(options: RetentionOptions): Periodic {
  const { logger, intervalMs } = options;
  return periodic({
    everyMs: intervalMs,
    work: async (signal) => {
      for (const topic of Object.values(TOPICS)) await removeFrom(topic, options, signal);
    },
    onFailure: (error) => {
      logger.warn({ err: error }, 'cannot remove expired records of the event log');
    },
  });
}

async function removeFrom(topic: Topic, options: RetentionOptions, signal: AbortSignal): Promise<void> {
  const { pool, logger, partitions, retentionMs } = options;
  for (let partition = 0; partition < partitions && !signal.aborted; partition += 1) {
    const removed = await removeExpired(pool, topic, partition, retentionMs[topic] ?? RETENTION_MS[topic]);
    if (removed > 0) logger.info({ topic, partition, removed }, 'removed expired records of the event log');
  }
}
