import type { Memory } from '@soma/memory';

/** A memory was created or changed; it is here whole. `command_id` is null when the state is sent again after a crash. */
export interface MemoryStored {
  type: 'MemoryStored';
  command_id: string | null;
  memory: Memory;
}

export interface MemoryDeleted {
  type: 'MemoryDeleted';
  command_id: string | null;
  namespace: string;
  key: string;
  coord: string;
  version: number;
  revision: number;
  /** Epoch milliseconds. */
  deleted_at: number;
}

/** Ends each batch of the writer: every command of this partition up to `command_position` is in Postgres. */
export interface Progress {
  type: 'Progress';
  partition: number;
  generation: number;
  command_position: number;
}

export type MemoryEvent = MemoryStored | MemoryDeleted | Progress;
