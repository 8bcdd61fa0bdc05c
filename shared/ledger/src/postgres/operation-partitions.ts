import type pg from 'pg';
import { inTransaction } from '@soma/postgres';

/** Partitions made ahead, today's among them: a job that fails for a day loses nothing. */
const DAYS_AHEAD = 3;

/**
 * Makes the daily partitions of operations from today on and drops those of days more than `keepDays` ago (UTC).
 * Each change is a transaction of its own that holds its locks for a moment and gives up when they are not to be
 * had in time (store_unavailable): the job comes again, the writes must not wait.
 */
export async function maintainOperations(
  pool: pg.Pool,
  keepDays: number,
): Promise<{ created: number; dropped: number }> {
  const { rows: days } = await pool.query<Day>(MISSING_DAYS, [DAYS_AHEAD]);
  let created = 0;
  for (const day of days) if (await createDay(pool, day)) created += 1;
  const { rows: old } = await pool.query<{ name: string }>(OLD_PARTITIONS, [keepDays]);
  for (const { name } of old) await dropPartition(pool, name);
  await pool.query(DELETE_OLD_DEFAULTS, [keepDays]);
  return { created, dropped: old.length };
}

interface Day {
  /** operations_YYYYMMDD */
  name: string;
  /** Bounds as timestamptz literals; `until` is not in it. */
  since: string;
  until: string;
}

const MISSING_DAYS = `
  select
    'operations_' || to_char(day, 'YYYYMMDD') as name,
    to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00' as since,
    to_char(day + interval '1 day', 'YYYY-MM-DD') || ' 00:00:00+00' as until
  from (select date_trunc('day', now() at time zone 'UTC') + n * interval '1 day' as day
        from generate_series(0, $1 - 1) as n) as days
  where to_regclass('operations_' || to_char(day, 'YYYYMMDD')) is null
  order by day`;

/** Two callers at once: the second finds the partition there. Names and bounds come from Postgres itself. */
async function createDay(pool: pg.Pool, { name, since, until }: Day): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    await tx.query(BOUND_LOCK_WAIT);
    await tx.query(ONE_MAINTAINER);
    const { rowCount } = await tx.query(IS_THERE, [name]);
    if (rowCount === 1) return false;
    await tx.query(`create table ${name} (like operations including all)`);
    // Nothing may enter the default partition between the move and the attachment.
    await tx.query('lock table operations_default in access exclusive mode');
    await tx.query(
      `with moved as (
         delete from operations_default where recorded_at >= '${since}' and recorded_at < '${until}' returning *)
       insert into ${name} select * from moved`,
    );
    await tx.query(
      `alter table operations attach partition ${name} for values from ('${since}') to ('${until}')`,
    );
    return true;
  });
}

const BOUND_LOCK_WAIT = `set local lock_timeout = '2s'`;
const ONE_MAINTAINER = `select pg_advisory_xact_lock(hashtext('operations'), hashtext('partitions'))`;

/** Reads the catalog as a table: to_regclass answers from a cache that may not know what the lock waited for. */
const IS_THERE = `
  select from pg_inherits join pg_class on pg_class.oid = inhrelid
  where inhparent = 'operations'::regclass and relname = $1`;

const OLD_PARTITIONS = `
  select relname as name
  from pg_inherits join pg_class on pg_class.oid = inhrelid
  where inhparent = 'operations'::regclass
    and relname ~ '^operations_[0-9]{8}$'
    and to_date(substr(relname, 12), 'YYYYMMDD') < (now() at time zone 'UTC')::date - $1::int
  order by relname`;

async function dropPartition(pool: pg.Pool, name: string): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await tx.query(BOUND_LOCK_WAIT);
    await tx.query(ONE_MAINTAINER);
    await tx.query(`drop table if exists ${name}`);
  });
}

const DELETE_OLD_DEFAULTS = `
  delete from operations_default
  where recorded_at < date_trunc('day', now() at time zone 'UTC') at time zone 'UTC' - $1::int * interval '1 day'`;
