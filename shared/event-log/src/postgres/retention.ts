import { RETENTION_MS, TOPICS, type Topic } from '@soma/events';
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

/** Removes expired records of all topics now and then. */
export class Retention {
  readonly #options: RetentionOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** May be called again; there is one round at a time. */
  start(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#run();
    }, this.#options.intervalMs);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      for (const topic of Object.values(TOPICS)) await this.#removeFrom(topic);
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'cannot remove expired records of the event log');
    }
    if (!this.#stopped) this.start();
  }

  async #removeFrom(topic: Topic): Promise<void> {
    const { pool, logger, partitions, retentionMs } = this.#options;
    for (let partition = 0; partition < partitions && !this.#stopped; partition += 1) {
      const removed = await removeExpired(pool, topic, partition, retentionMs[topic] ?? RETENTION_MS[topic]);
      if (removed > 0) logger.info({ topic, partition, removed }, 'removed expired records of the event log');
    }
  }
}
