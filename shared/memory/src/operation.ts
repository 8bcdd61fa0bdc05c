import type { Refusal } from './check-command.js';

export const OPERATION_STATUSES = ['accepted', 'stored', 'indexed', 'rejected', 'dead_lettered'] as const;
export type OperationStatus = (typeof OPERATION_STATUSES)[number];

/**
 * What became of one command; its id is the command id. `accepted` and `indexed` are never written down:
 * they follow from how far the writer and the projections are.
 */
export interface Operation {
  operation_id: string;
  namespace: string;
  topic: string;
  partition: number;
  position: number;
  generation: number;
  /** Coord as spelled in the command; of a link, its from_coord. */
  coord: string;
  status: 'stored' | 'rejected' | 'dead_lettered';
  /** Of a deletion: was there something to delete? Null for every other command. */
  deleted: boolean | null;
  /** True when the command made a memory or link that was not there. */
  created: boolean;
  version: number | null;
  revision: number | null;
  memory_type: string | null;
  error: Refusal | null;
  /** Why a stored memory could be indexed only by its words. */
  index_error: string | null;
  request_hash: string | null;
  issuer: string;
  accepted_at: number;
  finished_at: number;
}
