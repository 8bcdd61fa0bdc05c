import type { Topic } from '@soma/events';
import type pg from 'pg';
import type { AppendObserver, BufferLimits, Logger } from '../log-options.js';

export interface PostgresLogConfig {
  /** Appends and reads; not ended by close(). */
  pool: pg.Pool;
  /** The same database: each consumer holds one connection of its own, which owns its partitions. */
  url: string;
  logger: Logger;
  /** Of each topic; cannot change later. Default 24. */
  partitions?: number;
  buffer?: BufferLimits;
  observer?: AppendObserver;
  /** How long records are kept, milliseconds. Default RETENTION_MS. */
  retentionMs?: Partial<Record<Topic, number>>;
  /** How often expired records are removed, milliseconds. Default a minute. */
  retentionIntervalMs?: number;
  /** A member that shows no sign of life for so long loses its partitions once its connection is gone. Default 5000. */
  memberTimeoutMs?: number;
}

/** Consumers of other processes listen here for appends and for members that come and go. */
export const LOG_CHANNEL = 'soma_log';
