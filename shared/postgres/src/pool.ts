import { types } from 'node:util';
import pg from 'pg';
import { SomaError } from '@soma/memory';
import { connected, unlessAborted } from './unless-aborted.js';

export interface PostgresConfig {
  /** postgres://user:password@host:port/database; never logged. */
  url: string;
  /** Most connections of this process. */
  maxConnections: number;
  /** Milliseconds a statement may take before Postgres cancels it. */
  statementTimeoutMs?: number;
  /** Milliseconds a transaction may wait for its next statement before Postgres ends it. Default 15,000. */
  idleTransactionTimeoutMs?: number;
  /** Shown in pg_stat_activity. */
  applicationName: string;
}

/**
 * A pool whose rows hold numbers where Postgres has bigint (all below 2^53 here) and numeric, and epoch
 * milliseconds where it has timestamptz. Errors of idle connections go to `onError`; the pool replaces them.
 */
export function createPool(config: PostgresConfig, onError: (error: Error) => void): pg.Pool {
  const statementTimeoutMs = config.statementTimeoutMs ?? 30_000;
  const pool = new pg.Pool({
    connectionString: config.url,
    max: config.maxConnections,
    application_name: config.applicationName,
    connectionTimeoutMillis: 5_000,
    statement_timeout: statementTimeoutMs,
    // A process that stands still would keep its locks, and with them its partitions, from whoever takes over.
    idle_in_transaction_session_timeout: config.idleTransactionTimeoutMs ?? IDLE_TRANSACTION_MS,
    // Over a connection that is dead without saying so, Postgres's own timeout never comes.
    query_timeout: statementTimeoutMs + ANSWER_SPARE_MS,
    keepAlive: true,
    types: { getTypeParser },
    verify: lookForClosedConnections,
  });
  pool.on('error', onError);
  // A client that is checked out tells of its end by an event of its own, which nobody else listens to; the query fails too.
  pool.on('connect', (client) => {
    client.on('error', onError);
  });
  return pool;
}

/**
 * A statement whose asker has closed the connection ends within this time, milliseconds. A server on a platform that
 * cannot look refuses the setting; there a statement ends at its timeout.
 */
const CLOSED_CHECK_MS = 500;

function lookForClosedConnections(client: pg.PoolClient, done: (error?: Error) => void): void {
  client.query(`set client_connection_check_interval = ${CLOSED_CHECK_MS}`, (error) => {
    done(types.isNativeError(error) && !(error instanceof pg.DatabaseError) ? error : undefined);
  });
}

/** No transaction does anything but run statements; a machine out of breath may take seconds between two. */
const IDLE_TRANSACTION_MS = 15_000;

/** Between Postgres's end of a statement and the moment its answer is given up, milliseconds. */
const ANSWER_SPARE_MS = 2_000;

type TypeId = Parameters<typeof pg.types.getTypeParser>[0];

const { INT8, NUMERIC, TIMESTAMPTZ } = pg.types.builtins;
const parseTimestamp = pg.types.getTypeParser(TIMESTAMPTZ) as (text: string) => Date | number;

function getTypeParser(oid: TypeId, format?: 'text' | 'binary'): unknown {
  if (format === 'binary') return pg.types.getTypeParser(oid, 'binary');
  if (oid === INT8 || oid === NUMERIC) return Number;
  if (oid === TIMESTAMPTZ) return (text: string) => Number(parseTimestamp(text));
  return pg.types.getTypeParser(oid);
}

/** Epoch milliseconds as a timestamptz parameter. */
export function timestamp(ms: number): string;
export function timestamp(ms: number | null): string | null;
export function timestamp(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** What runs statements: a pool, or a client inside a transaction. */
export type Queryable = Pick<pg.Pool, 'query'>;

/**
 * Runs `work` in one transaction; any throw rolls it back. Errors of Postgres become store_unavailable where a repeat may
 * help. Once `signal` is aborted it rejects with its reason, and the connection is closed, at which Postgres ends what
 * runs on it.
 */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (tx: pg.PoolClient) => Promise<T>,
  begin = 'begin',
  signal?: AbortSignal,
): Promise<T> {
  return withStoreErrors(async () => {
    const client = await connected(pool, signal);
    let broken: Error | undefined;
    try {
      await client.query(begin);
      const result = await unlessAborted(work(client), signal);
      await client.query('commit');
      return result;
    } catch (error) {
      if (gotNoAnswer(error) || signal?.aborted === true) broken = error as Error;
      else {
        await client.query('rollback').catch((failure: unknown) => {
          broken = failure as Error;
        });
      }
      throw error;
    } finally {
      client.release(broken);
    }
  });
}

/** pg gave up waiting: whatever else is asked over that connection would wait as long. */
function gotNoAnswer(error: unknown): error is Error {
  return types.isNativeError(error) && error.message === 'Query read timeout';
}

/** Turns failures of the connection or the server into store_unavailable; leaves everything else as it is. */
export async function withStoreErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SomaError || !isTransient(error)) throw error;
    throw new SomaError('store_unavailable', 'Postgres does not answer or asks to try again', {
      cause: error,
    });
  }
}

/** SQLSTATE classes that say nothing about the statement: connection, resources, operator intervention, rollback, system. */
const TRANSIENT_CLASSES = new Set(['08', '53', '57', '58', '40', '25', 'XX']);

function isTransient(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  const code = (error as { code?: unknown }).code;
  if (error instanceof pg.DatabaseError) {
    // 57014 is a statement that ran into its timeout; 55P03 a lock that was not to be had.
    return code === '55P03' || (typeof code === 'string' && TRANSIENT_CLASSES.has(code.slice(0, 2)));
  }
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return true;
  return /connection|timeout|terminated/i.test(error.message);
}
