import type { Queryable } from '@soma/postgres';
import { SomaError } from '@soma/memory';
import type { Topic } from '@soma/events';
import type { Claim, GroupProgress, ProgressMove } from '../port.js';

/** What a transaction knows once the partition's progress row is its own until it ends. */
export interface LockedProgress {
  /** Last position whose effect is made. */
  position: number;
  /** Positions of this move beyond it that are dead letters already: the group's progress was set back. */
  refused: number[];
  /** Postgres's clock after the locks were had, epoch milliseconds. */
  now: number;
}

/**
 * Locks the partition's progress row, then the idempotency ids, always in that order, so that two owners of one
 * partition never wait for each other in a circle. `idLocks` are sorted.
 * @throws SomaError ownership_lost when another owner has claimed the partition, or nobody has; standing_lost.
 */
export async function lockProgress(
  tx: Queryable,
  move: ProgressMove,
  idLocks: readonly bigint[],
): Promise<LockedProgress> {
  const { rows } = await tx.query<LockedProgress & { epoch: number; generation: number }>({
    ...LOCK_PROGRESS,
    values: [move.group, move.topic, move.partition, move.epoch, idLocks.map(String), move.position],
  });
  const [locked] = rows;
  if (locked?.epoch !== move.epoch || locked.generation !== move.generation) throw ownershipLost(move);
  if (locked.position < move.after) throw standingLost(move, locked.position);
  return { position: locked.position, refused: locked.refused, now: locked.now };
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
    array(
      select letter.position::float8 from dead_letters as letter
      where letter.group_name = $1 and letter.topic = $2 and letter.generation = owned.generation
        and letter.partition = $3 and letter.position > owned.position and letter.position <= $6) as refused,
    position, epoch, generation, clock_timestamp() as now
  from owned`,
};

/**
 * Moves progress in the caller's transaction. A batch at or below progress leaves it where it is.
 * @throws SomaError ownership_lost, standing_lost.
 */
export async function moveProgress(tx: Queryable, move: ProgressMove): Promise<void> {
  const { rows } = await tx.query<{ position: number }>({
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
      move.after,
    ],
  });
  const [before] = rows;
  if (before === undefined) throw ownershipLost(move);
  if (before.position < move.after) throw standingLost(move, before.position);
}

const MOVE_PROGRESS = {
  name: 'move_progress',
  text: `
  with held as (
    select position from progress
    where group_name = $1 and topic = $2 and partition = $3 and generation = $4 and epoch = $5
    for update
  ), moved as (
    update progress set
      position = greatest(progress.position, $6),
      fingerprint = case when $6 > progress.position then $7 else fingerprint end,
      command_position = greatest(command_position, $8),
      updated_at = now()
    from held
    where group_name = $1 and topic = $2 and partition = $3 and held.position >= $9
  )
  select position from held`,
};

function ownershipLost(move: ProgressMove): SomaError {
  return new SomaError(
    'ownership_lost',
    `partition ${move.partition} of ${move.topic} has another owner in group ${move.group}`,
  );
}

function standingLost(move: ProgressMove, position: number): SomaError {
  return new SomaError(
    'standing_lost',
    `partition ${move.partition} of ${move.topic} stands at ${position} for group ${move.group}, which had come to ${move.after}: the store was put back`,
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
