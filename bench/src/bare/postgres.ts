import { createPool } from '@soma/postgres';
import { memoryBody } from '../memories.js';

const BATCH = 500;
const ROWS = 20_000;

const CREATE =
  'create table bare (coord text primary key, payload jsonb not null, stored_at timestamptz not null default now())';
const INSERT = 'insert into bare (coord, payload) select * from unnest($1::text[], $2::jsonb[])';
const DROP = 'drop table bare';

/** Rows a second of plain batched inserts of the same bodies, one connection, each batch durable. */
export async function barePostgres(url: string): Promise<number> {
  const pool = createPool({ url, maxConnections: 1, applicationName: 'bench' }, () => undefined);
  try {
    await pool.query(CREATE);
    const started = performance.now();
    for (let first = 0; first < ROWS; first += BATCH) {
      const coords = Array.from({ length: BATCH }, (_, index) => `m${first + index}`);
      const payloads = coords.map((coord, index) => memoryBody(coord, first + index));
      await pool.query(INSERT, [coords, payloads]);
    }
    const seconds = (performance.now() - started) / 1000;
    await pool.query(DROP);
    return ROWS / seconds;
  } finally {
    await pool.end();
  }
}
