import type pg from 'pg';

/** Memories written until Postgres is told for the first time, and how many times as many until the next. */
const FIRST = 100;
const TIMES = 4;

/**
 * To be told how many memories were written; has Postgres look at the table anew when it has grown manyfold. Statements
 * that were planned while it was nearly empty read far too much of it, and autovacuum comes by once a minute: a
 * collection that is brought in at once is larger by then than most ever get.
 */
export function analyzeGrowth(pool: pg.Pool): (written: number) => void {
  let total = 0;
  let next = FIRST;
  return (written) => {
    total += written;
    if (total < next) return;
    next = total * TIMES;
    // Nobody waits for it, and autovacuum does it where this fails.
    analyzeUnlessKnown(pool, total).catch(() => undefined);
  };
}

/** A table that was as large when it was last looked at is left alone. */
async function analyzeUnlessKnown(pool: pg.Pool, least: number): Promise<void> {
  const { rows } = await pool.query<{ known: number }>(
    "select reltuples as known from pg_class where oid = 'memories'::regclass",
  );
  if ((rows[0]?.known ?? 0) < least) await pool.query('analyze memories');
}
