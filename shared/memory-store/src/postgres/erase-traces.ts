import type { ProgressMove } from '@soma/ledger';
import type { Queryable } from '@soma/postgres';
import type { MemoryId } from './read-states.js';

/** An erasing deletion that was carried out: the memory's row holds no content any more, its traces still do. */
export interface Erasure extends MemoryId {
  /** Of the tombstone; what is older goes. */
  revision: number;
  /** Of the command in the partition of the batch. */
  position: number;
  operation_id: string;
}

/**
 * Removes what history and dead letters hold of memories up to their erasure, what webhooks were to be told of them, and
 * how often they were accessed. What came after it stays.
 */
export async function eraseTraces(
  tx: Queryable,
  erasures: readonly Erasure[],
  { topic, generation, partition }: ProgressMove,
): Promise<void> {
  if (erasures.length === 0) return;
  const namespaces = erasures.map(({ namespace }) => namespace);
  const keys = erasures.map(({ key }) => key);
  const revisions = erasures.map(({ revision }) => revision);
  await tx.query(ERASE_HISTORY, [namespaces, keys, revisions]);
  await tx.query(ERASE_DELIVERIES, [namespaces, keys, revisions]);
  await tx.query(ERASE_ACCESSES, [namespaces, keys]);
  await tx.query(ERASE_DEAD_LETTERS, [
    namespaces,
    keys,
    erasures.map(({ position }) => position),
    erasures.map(({ operation_id }) => operation_id),
    topic,
    generation,
    partition,
  ]);
}

/** Deletions have no content; their rows stay, so that a reader of the history sees that there was something. */
const ERASE_HISTORY = `
  delete from history using unnest($1::text[], $2::text[], $3::bigint[]) as erased (namespace, key, revision)
  where history.namespace = erased.namespace and history.key = erased.key and history.revision < erased.revision
    and (history.state ->> 'deleted')::boolean is not true`;

const ERASE_DELIVERIES = `
  delete from webhook_deliveries as told
  using unnest($1::text[], $2::text[], $3::bigint[]) as erased (namespace, key, revision)
  where told.namespace = erased.namespace and told.key = erased.key and told.revision < erased.revision`;

const ERASE_ACCESSES = `
  delete from memory_accesses as counted using unnest($1::text[], $2::text[]) as erased (namespace, key)
  where counted.namespace = erased.namespace and counted.key = erased.key`;

/**
 * A letter belongs to a memory by what could be read of it, or by the key of its record. One that stands behind the
 * erasure in the same partition is of a later write.
 */
const ERASE_DEAD_LETTERS = `
  with erased as materialized (
    select namespace, key, position, operation_id, convert_to(namespace || '/' || key, 'UTF8') as record_key
    from unnest($1::text[], $2::text[], $3::bigint[], $4::uuid[]) as erased (namespace, key, position, operation_id)
  ), found as (
    select letter.id, erased.operation_id, erased.position
    from erased join dead_letters as letter
      on letter.namespace = erased.namespace and letter.memory_key = erased.key
    union
    select letter.id, erased.operation_id, erased.position
    from erased join dead_letters as letter on substring(letter.key for 1100) = erased.record_key
    where letter.erased_at is null
  )
  update dead_letters as letter
  set key = null, value = null, headers = '{}', erased_at = now(), erased_by = found.operation_id
  from found
  where letter.id = found.id and letter.erased_at is null
    and not (letter.topic = $5 and letter.generation = $6 and letter.partition = $7
      and letter.position > found.position)`;
