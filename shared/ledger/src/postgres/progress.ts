import type { Queryable } from '@soma/postgres';
import { SomaError } from '@soma/memory';
import type { Topic } from '@soma/events';
import type { Claim, GroupProgress, ProgressMove } from '../port.js';

/** What a transaction knows once the partition's progress row is its own until it ends. */
export interface LockedProgress {
  /** Last position whose effect is made. */
  position: number;
  /** Postgres's clock after the locks were had, epoch milliseconds. */
  now: number;
}

/**
 * Locks the partition's progress row, then the idempotency ids, always in that order, so that two owners of one
 * partition never wait for each other in a circle. `idLocks` are sorted.
 * @throws SomaError ownership_lost when another owner has claimed the partition, or nobody has.
 */
export async function lockProgress(
  tx: Queryable,
  move: ProgressMove,
  idLocks: readonly bigint[],
): Promise<LockedProgress> {
  const { rows } = await tx.query<LockedProgress & { epoch: number; generation: number }>({
    ...LOCK_PROGRESS,
    values: [move.group, move.topic, move.partition, move.epoch, idLocks.map(String)],
  });
  const [locked] = rows;
  if (locked?.epoch !== move.epoch || locked.generation !== move.generation) throw ownershipLost(move);
  return { position: locked.position, now: locked.now };
}

const LOCK_PROGRESS = {
  name: 'lock_progress',
  text: `
  with owned as materialized (
    select position, epoch, generation from progress
    where group_name = $1 and topic = $2 and partition = $3
    for update
  )
  select
    (select count(pg_advisory_xact_lock(id)) from unnest($5::bigint[]) as id where owned.epoch = $4) as ids,
    position, epoch, generation, clock_timestamp() as now
  from owned`,
};

/**
 * Moves progress in the caller's transaction. A batch at or below progress leaves it where it is.
 * @throws SomaError ownership_lost.
 */
export async function moveProgress(tx: Queryable, move: ProgressMove): Promise<void> {
  const { rowCount } = await tx.query({
    ...MOVE_PROGRESS,
    values: [
      move.group,
      move.topic,
      move.partition,
      move.generation,
      move.epoch,
      move.position,
      move.fingerprint,
      move.command_position,
    ],
  });
  if (rowCount !== 1) throw ownershipLost(move);
}

const MOVE_PROGRESS = {
  name: 'move_progress',
  text: `
  update progress set
    position = greatest(position, $6),
    fingerprint = case when $6 > position then $7 else fingerprint end,
    command_position = greatest(command_position, $8),
    updated_at = now()
  where group_name = $1 and topic = $2 and partition = $3 and generation = $4 and epoch = $5`,
};

function ownershipLost(move: ProgressMove): SomaError {
  return new SomaError(
    'ownership_lost',
    `partition ${move.partition} of ${move.topic} has another owner in group ${move.group}`,
  );
}

/** A new epoch for the caller. When the log's generation was raised meanwhile, the group begins again at its start. */
export async function claimProgress(
  connection: Queryable,
  group: string,
  topic: Topic,
  partition: number,
): Promise<Claim> {
  const { rows } = await connection.query<Claim>(CLAIM, [group, topic, partition]);
  const [claim] = rows;
  if (claim === undefined) throw new SomaError('internal', 'the installation row is missing');
  return claim;
}

const CLAIM = `
  insert into progress as held (group_name, topic, partition, generation, epoch)
  select $1, $2, $3, log_generation, 1 from installation
  on conflict (group_name, topic, partition) do update set
    epoch = held.epoch + 1,
    generation = greatest(held.generation, excluded.generation),
    position = case when excluded.generation > held.generation then -1 else held.position end,
    fingerprint = case when excluded.generation > held.generation then null else held.fingerprint end,
    command_position = case when excluded.generation > held.generation then -1 else held.command_position end,
    updated_at = now()
  returning epoch, generation, position, fingerprint, command_position`;

export async function readProgress(connection: Queryable): Promise<GroupProgress[]> {
  const { rows } = await connection.query<GroupProgress>(READ_PROGRESS);
  return rows;
}

const READ_PROGRESS = {
  name: 'read_progress',
  text: `
  select group_name as "group", topic, partition, generation, position, command_position
  from progress
  order by group_name, topic, partition`,
};
