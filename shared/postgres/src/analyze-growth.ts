import type pg from 'pg';

/** Rows written until Postgres is told for the first time, and how many times as many until the next. */
const FIRST = 100;
const TIMES = 4;

/**
 * To be told how many rows were written to a table; has Postgres look at it anew when it has grown manyfold. Statements
 * that were planned while it was nearly empty read far too much of it, and autovacuum comes by once a minute: what is
 * brought in at once is larger by then than most tables ever get.
 */
export function analyzeGrowth(pool: pg.Pool, table: string): (written: number) => void {
  let total = 0;
  let next = FIRST;
  return (written) => {
    total += written;
    if (total < next) return;
    next = total * TIMES;
    // Nobody waits for it, and autovacuum does it where this fails.
    analyzeUnlessKnown(pool, table, total).catch(() => undefined);
  };
}

/** A table that was as large when it was last looked at is left alone. */
async function analyzeUnlessKnown(pool: pg.Pool, table: string, least: number): Promise<void> {
  const { rows } = await pool.query<{ known: number }>(
    'select reltuples as known from pg_class where oid = $1::regclass',
    [table],
  );
  if ((rows[0]?.known ?? 0) < least) await pool.query(`analyze ${table}`);
}
