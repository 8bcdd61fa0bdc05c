import type { ErrorCode } from '@soma/memory';
import { inTransaction, timestamp, withStoreErrors, type Queryable } from '@soma/postgres';
import type pg from 'pg';
import type { Job, JobKind, JobLease, Jobs, RequestedJob } from '../port.js';

/** Jobs as rows; the pool stays the caller's to end. */
export function createPostgresJobs({ pool }: { pool: pg.Pool }): Jobs {
  return {
    create: ({ kind, request, issuer }) =>
      withStoreErrors(() => one(pool, CREATE, [kind, JSON.stringify(request), issuer])) as Promise<Job>,
    request: (asked) => withStoreErrors(() => requestOne(pool, asked)),
    get: (jobId) => withStoreErrors(() => one(pool, GET, [jobId])),
    list: (limit) => withStoreErrors(() => many(pool, LIST, [limit])),
    cancel: (jobId) =>
      withStoreErrors(async () => (await one(pool, CANCEL, [jobId])) ?? one(pool, GET, [jobId])),
    lease: (kinds, leaseMs) => leaseOne(pool, kinds, leaseMs),
    save: ({ job, epoch }, { cursor, done, total }, leaseMs) =>
      changed(pool, SAVE, [job.job_id, epoch, JSON.stringify(cursor), done, total, leaseMs]),
    finish: ({ job, epoch }, end) =>
      'result' in end
        ? changed(pool, FINISH, [job.job_id, epoch, 'done', JSON.stringify(end.result), null, null])
        : changed(pool, FINISH, [job.job_id, epoch, 'failed', null, end.error.code, end.error.detail]),
    removeFinished: (before) =>
      withStoreErrors(async () => {
        const times = [timestamp(before.jobs), timestamp(before.requests)];
        return (await pool.query(REMOVE_FINISHED, times)).rowCount ?? 0;
      }),
  };
}

type JobRow = Omit<Job, 'error'> & {
  error_code: ErrorCode | null;
  error_detail: string | null;
  lease_epoch: number;
};

const COLUMNS = `job_id, kind, state, request, cursor, done, total, result, error_code, error_detail, issuer,
  namespace, request_hash, created_at, started_at, finished_at, lease_epoch`;

function jobOf(row: JobRow): Job {
  const { job_id, kind, state, request, cursor, done, total, result, issuer, namespace, request_hash } = row;
  const { created_at, started_at, finished_at, error_code, error_detail } = row;
  const error = error_code === null ? null : { code: error_code, detail: error_detail ?? '' };
  const asked = { request, issuer, namespace, request_hash };
  const times = { created_at, started_at, finished_at };
  return { job_id, kind, state, cursor, done, total, result, error, ...asked, ...times };
}

async function many(connection: Queryable, statement: string, values: unknown[]): Promise<Job[]> {
  const { rows } = await connection.query<JobRow>(statement, values);
  return rows.map(jobOf);
}

async function one(connection: Queryable, statement: string, values: unknown[]): Promise<Job | undefined> {
  return (await many(connection, statement, values))[0];
}

function changed(connection: Queryable, statement: string, values: unknown[]): Promise<boolean> {
  return withStoreErrors(async () => (await connection.query(statement, values)).rowCount === 1);
}

async function requestOne(
  pool: pg.Pool,
  { job_id, kind, namespace, request, request_hash, issuer, max_open }: RequestedJob,
): Promise<{ job: Job; created: boolean } | undefined> {
  const asked = [job_id, kind, namespace, JSON.stringify(request), request_hash, issuer, max_open];
  const made = await one(pool, REQUEST, asked);
  if (made !== undefined) return { job: made, created: true };
  const known = await one(pool, GET, [job_id]);
  return known === undefined ? undefined : { job: known, created: false };
}

/** Leases are given one after the other, so that no two jobs of a kind are ever under way at once. */
function leaseOne(pool: pg.Pool, kinds: readonly JobKind[], leaseMs: number): Promise<JobLease | undefined> {
  return inTransaction(pool, async (tx) => {
    await tx.query(LOCK_LEASES);
    const { rows } = await tx.query<JobRow>(LEASE, [kinds, leaseMs]);
    const [row] = rows;
    return row === undefined ? undefined : { job: jobOf(row), epoch: row.lease_epoch };
  });
}

const CREATE = `insert into jobs (kind, request, issuer) values ($1, $2, $3) returning ${COLUMNS}`;
const REQUEST = `
  insert into jobs (job_id, kind, namespace, request, request_hash, issuer)
  select $1, $2, $3, $4, $5, $6
  where (select count(*) from jobs where namespace = $3 and state in ('waiting', 'running')) < $7
  on conflict (job_id) do nothing
  returning ${COLUMNS}`;
const GET = `select ${COLUMNS} from jobs where job_id = $1`;
const LIST = `select ${COLUMNS} from jobs order by created_at desc, job_id limit $1`;

const CANCEL = `
  update jobs set state = 'cancelled', finished_at = now(), leased_until = null
  where job_id = $1 and state in ('waiting', 'running')
  returning ${COLUMNS}`;

const LOCK_LEASES = `select pg_advisory_xact_lock(hashtextextended('soma jobs', 0))`;

const LEASE = `
  update jobs set
    state = 'running',
    lease_epoch = lease_epoch + 1,
    leased_until = now() + $2 * interval '1 millisecond',
    started_at = coalesce(started_at, now())
  where job_id = (
    select job_id from jobs as job
    where kind = any($1) and state in ('waiting', 'running') and (leased_until is null or leased_until < now())
      and not exists (
        select from jobs as other where other.kind = job.kind and other.state = 'running' and other.leased_until >= now())
    order by created_at, job_id
    limit 1)
  returning ${COLUMNS}`;

const SAVE = `
  update jobs set cursor = $3, done = $4, total = $5, leased_until = now() + $6 * interval '1 millisecond'
  where job_id = $1 and lease_epoch = $2 and state = 'running'`;

const FINISH = `
  update jobs set state = $3, result = $4, error_code = $5, error_detail = $6, leased_until = null, finished_at = now()
  where job_id = $1 and lease_epoch = $2 and state = 'running'`;

const REMOVE_FINISHED = `
  delete from jobs where finished_at < case when namespace is null then $1::timestamptz else $2::timestamptz end`;
