import type pg from 'pg';
import type { Operation } from '@soma/memory';
import { inTransaction } from '@soma/postgres';
import { RESERVED, type ReservedId } from '../port.js';
import { idempotencyLocks, insertOperations, seenOperations } from './operations.js';

/** Behind the same lock as the batches that may bring a command with this id. */
export function reserveId(pool: pg.Pool, reserved: ReservedId): Promise<Operation | undefined> {
  return inTransaction(pool, async (tx) => {
    const { operation_id } = reserved;
    const { rows } = await tx.query<{ now: number }>(LOCK, [idempotencyLocks([operation_id]).map(String)]);
    const known = (await seenOperations(tx, [operation_id])).get(operation_id);
    if (known !== undefined) return known;
    await insertOperations(tx, [placeOf(reserved, rows[0]?.now ?? Date.now())]);
    return undefined;
  });
}

const LOCK = `
  select count(pg_advisory_xact_lock(id)) as locked, clock_timestamp() as now from unnest($1::bigint[]) as id`;

/** No record has this topic and position: a command that brings the id later is of another request. */
function placeOf({ operation_id, namespace, request_hash, issuer }: ReservedId, now: number): Operation {
  return {
    operation_id,
    namespace,
    topic: RESERVED,
    partition: -1,
    position: -1,
    generation: 0,
    coord: '',
    status: 'stored',
    deleted: null,
    created: false,
    version: null,
    revision: null,
    memory_type: null,
    error: null,
    index_error: null,
    request_hash,
    issuer,
    accepted_at: now,
    finished_at: now,
  };
}
