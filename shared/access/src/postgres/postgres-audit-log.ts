import { timestamp, withStoreErrors } from '@soma/postgres';
import type pg from 'pg';
import type { Act, AuditLog } from '../audit.js';

/** Acts as rows; the pool stays the caller's to end. */
export function createPostgresAuditLog({ pool }: { pool: pg.Pool }): AuditLog {
  return {
    begin: ({ request_id, subject, action, address, namespace, target }) =>
      withStoreErrors(async () => {
        const values = [request_id, subject, action, address, namespace, target];
        const { rows } = await pool.query<{ id: number }>(BEGIN, values);
        return rows[0]?.id ?? 0;
      }),
    end: (id, { status, code, target }) =>
      withStoreErrors(async () => {
        await pool.query(END, [id, status, code, target]);
      }),
    list: ({ subject, action, since, before, limit }) =>
      withStoreErrors(async () => {
        const values = [subject, action, timestamp(since), before, limit];
        return (await pool.query<Act>(LIST, values)).rows;
      }),
    removeBefore: (time) =>
      withStoreErrors(async () => (await pool.query(REMOVE_BEFORE, [timestamp(time)])).rowCount ?? 0),
  };
}

const BEGIN = `
  insert into audit (request_id, subject, action, address, namespace, target) values ($1, $2, $3, $4, $5, $6)
  returning id`;

const END = `
  update audit set status = $2, code = $3, target = coalesce($4, target), finished_at = now() where id = $1`;

const LIST = `
  select id, at, request_id, subject, action, address, namespace, target, status, code, finished_at
  from audit
  where ($1::text is null or subject = $1) and ($2::text is null or action = $2)
    and ($3::timestamptz is null or at >= $3) and ($4::bigint is null or id < $4)
  order by id desc
  limit $5`;

const REMOVE_BEFORE = `delete from audit where at < $1`;
