import type { JsonObject } from './json.js';

export const MEMORY_TYPES = ['episodic', 'semantic'] as const;
export type MemoryType = (typeof MEMORY_TYPES)[number];

/** What a caller may say about a memory beside its payload. Times are milliseconds since the epoch, UTC. */
export interface MemoryAttributes {
  memory_type: MemoryType;
  user_id: string | null;
  agent_id: string | null;
  thread_id: string | null;
  actor: string | null;
  tags: string[];
  /** 0–1. */
  importance: number;
  occurred_at: number | null;
}

export const DEFAULT_ATTRIBUTES: MemoryAttributes = {
  memory_type: 'episodic',
  user_id: null,
  agent_id: null,
  thread_id: null,
  actor: null,
  tags: [],
  importance: 0.5,
  occurred_at: null,
};

/** A live memory as it stands after its latest change. */
export interface Memory extends MemoryAttributes {
  deleted: false;
  namespace: string;
  /** Canonical key of the coordinate: what identifies the memory inside its namespace. */
  key: string;
  /** The coordinate as last spelled by a caller. */
  coord: string;
  payload: JsonObject;
  /** What is embedded and searched. */
  text: string;
  /** True when the caller gave the text; false when it is derived from the payload, and derived again by a patch. */
  text_given: boolean;
  /** Grows by one at each change, deletions among them. */
  version: number;
  revision: number;
  expires_at: number | null;
  created_at: number;
  updated_at: number;
}

/** What stays of a deleted memory, so that versions go on counting and late records find it newer. */
export interface Tombstone {
  deleted: true;
  namespace: string;
  key: string;
  coord: string;
  version: number;
  revision: number;
  updated_at: number;
}

export type MemoryState = Memory | Tombstone;

/** Is there a memory for a reader at `now`? Deleted and expired ones are absent. */
export function isLive(state: MemoryState | undefined, now: number): state is Memory {
  return state !== undefined && !state.deleted && (state.expires_at === null || state.expires_at > now);
}
