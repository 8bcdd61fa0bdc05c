import { isSomaError, type ErrorCode } from '@soma/memory';

/**
 * The closed list of codes that no retry can mend. Everything else that is not retryable is a bug or a bad deploy:
 * tried alone for a while before it is dead-lettered.
 */
export const PERMANENT_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'undecodable_record',
  'unknown_schema',
  'schema_mismatch',
  'record_too_large',
  'payload_too_large',
  'invalid_request',
  'invalid_coord',
  'invalid_filter',
  'embedding_refused',
]);

export type FailureKind = 'transient' | 'permanent' | 'lost' | 'unlisted';

export function kindOfFailure(error: unknown): FailureKind {
  if (!isSomaError(error)) return 'unlisted';
  if (error.code === 'ownership_lost' || error.code === 'standing_lost') return 'lost';
  if (error.retryable) return 'transient';
  return PERMANENT_CODES.has(error.code) ? 'permanent' : 'unlisted';
}
