import type { DeadLetter } from '../dead-letter.js';
import type { Claim, LedgerRetention, ProgressMove } from '../port.js';

export const KEEP: LedgerRetention = { operation_days: 8, dead_letter_days: 30 };

/** A move of the writer in partition 0 of memory.commands, as the claim allows it. */
export function moveTo(position: number, claim: Claim, changes: Partial<ProgressMove> = {}): ProgressMove {
  return {
    group: 'writer',
    topic: 'memory.commands',
    partition: 0,
    generation: claim.generation,
    epoch: claim.epoch,
    after: claim.position,
    position,
    fingerprint: `record ${position}`,
    command_position: null,
    dead_letters: [],
    ...changes,
  };
}

export function deadLetterAt(position: number, changes: Partial<DeadLetter> = {}): DeadLetter {
  return {
    group: 'writer',
    topic: 'memory.commands',
    generation: 1,
    partition: 0,
    position,
    key: 'default/42,17',
    value: Buffer.from([0, 255, position]),
    headers: { traceparent: '00-1' },
    code: 'schema_mismatch',
    message: 'the record does not fit its schema',
    attempts: 1,
    first_failed_at: 1_700_000_000_000,
    recorded_at: 1_700_000_000_500,
    command_id: null,
    namespace: null,
    coord: null,
    ...changes,
  };
}
