import type pg from 'pg';
import { SomaError } from '@soma/memory';
import { inTransaction, withStoreErrors } from '@soma/postgres';
import type { Installation, Ledger, ProgressMove } from '../port.js';
import { markPublished, readUnpublished } from './dead-letters.js';
import { noteIndexErrors } from './index-errors.js';
import { Inbox } from './inbox.js';
import { maintainOperations } from './operation-partitions.js';
import { seenOperations } from './operations.js';
import { claimProgress, moveProgress, readProgress } from './progress.js';

/** The ledger over the pool it is given; the pool stays the caller's to end. */
export function createPostgresLedger({ pool }: { pool: pg.Pool }): Ledger {
  return {
    claim: (group, topic, partition) => withStoreErrors(() => claimProgress(pool, group, topic, partition)),
    advance: (move) => advance(pool, move),
    progress: () => withStoreErrors(() => readProgress(pool)),
    operations: async (namespace, ids) => {
      const seen = await withStoreErrors(() => seenOperations(pool, ids, namespace));
      return ids.map((id) => seen.get(id.toLowerCase()));
    },
    noteIndexErrors: (errors) => withStoreErrors(() => noteIndexErrors(pool, errors)),
    unpublishedDeadLetters: (group, topic, partition, limit) =>
      withStoreErrors(() => readUnpublished(pool, group, topic, partition, limit)),
    markPublished: (letters) => withStoreErrors(() => markPublished(pool, letters)),
    installation: () => withStoreErrors(() => readInstallation(pool)),
    maintain: (keepDays) => withStoreErrors(() => maintainOperations(pool, keepDays)),
    ping: () =>
      withStoreErrors(async () => {
        await pool.query('select 1');
      }),
  };
}

/** One statement when nothing was refused, which is nearly always. */
async function advance(pool: pg.Pool, move: ProgressMove): Promise<void> {
  if (move.dead_letters.length === 0) return withStoreErrors(() => moveProgress(pool, move));
  await inTransaction(pool, async (tx) => {
    const inbox = await Inbox.open(tx, move, []);
    await inbox.close();
  });
}

async function readInstallation(pool: pg.Pool): Promise<Installation> {
  const { rows } = await pool.query<Installation>(
    'select id, secret, log_generation as generation from installation',
  );
  const [installation] = rows;
  if (installation === undefined) throw new SomaError('internal', 'the installation row is missing');
  return installation;
}
