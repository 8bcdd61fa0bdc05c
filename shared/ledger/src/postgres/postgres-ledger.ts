import type pg from 'pg';
import { SomaError } from '@soma/memory';
import { inTransaction, withStoreErrors } from '@soma/postgres';
import type { Installation, Ledger, LedgerRetention, Maintained, ProgressMove } from '../port.js';
import { readBacklog } from './backlog.js';
import { markPublished, readUnpublished } from './dead-letters.js';
import { noteIndexErrors } from './index-errors.js';
import { Inbox } from './inbox.js';
import {
  countDeadLetters,
  listDeadLetters,
  readDeadLetter,
  removeOldDeadLetters,
  settleDeadLetter,
} from './kept-dead-letters.js';
import { maintainOperations } from './operation-partitions.js';
import { seenOperations } from './operations.js';
import { claimProgress, moveProgress, readProgress } from './progress.js';
import { reserveId } from './reserve.js';
import { readStanding } from './standing.js';

/** The ledger over the pool it is given; the pool stays the caller's to end. */
export function createPostgresLedger({ pool }: { pool: pg.Pool }): Ledger {
  return {
    claim: (group, topic, partition) => withStoreErrors(() => claimProgress(pool, group, topic, partition)),
    advance: (move) => advance(pool, move),
    progress: () => withStoreErrors(() => readProgress(pool)),
    backlog: (bounds) => withStoreErrors(() => readBacklog(pool, bounds)),
    operations: async (namespace, ids) => {
      const seen = await withStoreErrors(() => seenOperations(pool, ids, namespace));
      return ids.map((id) => seen.get(id.toLowerCase()));
    },
    reserve: (id) => reserveId(pool, id),
    noteIndexErrors: (errors) => withStoreErrors(() => noteIndexErrors(pool, errors)),
    unpublishedDeadLetters: (group, topic, partition, limit) =>
      withStoreErrors(() => readUnpublished(pool, group, topic, partition, limit)),
    markPublished: (letters) => withStoreErrors(() => markPublished(pool, letters)),
    deadLetters: (query) => withStoreErrors(() => listDeadLetters(pool, query)),
    deadLetter: (id) => withStoreErrors(() => readDeadLetter(pool, id)),
    settleDeadLetter: (settlement) => withStoreErrors(() => settleDeadLetter(pool, settlement)),
    countDeadLetters: () => withStoreErrors(() => countDeadLetters(pool)),
    standing: (of) => withStoreErrors(() => readStanding(pool, of)),
    installation: () => withStoreErrors(() => readInstallation(pool)),
    acceptLog: () => withStoreErrors(() => acceptLog(pool)),
    maintain: (keep) => withStoreErrors(() => maintain(pool, keep)),
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

async function maintain(pool: pg.Pool, keep: LedgerRetention): Promise<Maintained> {
  const partitions = await maintainOperations(pool, keep.operation_days);
  return { ...partitions, dead_letters: await removeOldDeadLetters(pool, keep.dead_letter_days) };
}

async function readInstallation(pool: pg.Pool): Promise<Installation> {
  const { rows } = await pool.query<Installation>(
    'select id, secret, log_generation as generation from installation',
  );
  const [installation] = rows;
  if (installation === undefined) throw new SomaError('internal', 'the installation row is missing');
  return installation;
}

async function acceptLog(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ generation: number }>(
    'update installation set log_generation = log_generation + 1 returning log_generation as generation',
  );
  const [raised] = rows;
  if (raised === undefined) throw new SomaError('internal', 'the installation row is missing');
  return raised.generation;
}
