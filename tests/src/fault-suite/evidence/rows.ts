import type { JsonObject } from '@soma/memory';

/* What is found in the stores, as the checkers look at it. Times are epoch milliseconds. */

export interface OperationRow {
  command_id: string;
  recorded_at: number;
  namespace: string;
  topic: string;
  partition: number;
  position: number;
  generation: number;
  coord: string;
  status: string;
  deleted: boolean | null;
  created: boolean;
  version: number | null;
  revision: number | null;
  error_code: string | null;
  request_hash: string | null;
  issuer: string;
}

/** A row of history. */
export interface VersionRow {
  namespace: string;
  key: string;
  version: number;
  revision: number;
  operation_id: string;
  at: number;
  state: JsonObject;
}

export interface MemoryRow {
  namespace: string;
  key: string;
  coord: string;
  deleted: boolean;
  payload: JsonObject | null;
  text: string | null;
  memory_type: string | null;
  user_id: string | null;
  tags: string[] | null;
  importance: number | null;
  version: number;
  revision: number;
  expires_at: number | null;
}

export interface LinkRow {
  namespace: string;
  from_key: string;
  link_type: string;
  to_key: string;
  weight: number;
  properties: JsonObject;
  revision: number;
  from_revision: number;
  to_revision: number;
}

/** A point of the vector index, or an entry of the cache. */
export interface ProjectedRow {
  namespace: string;
  key: string;
  revision: number;
  deleted: boolean;
  /** Null of what is deleted. */
  version: number | null;
  digest: string | null;
}

export interface DeadLetterRow {
  group_name: string;
  topic: string;
  generation: number;
  partition: number;
  position: number;
  code: string;
  /** The header that a poison carries. */
  poison: string | null;
  value_hash: string;
}

/** A record with the header of a poison, in a topic of commands or in memory.dlq. */
export interface PoisonRecord {
  poison: string | null;
  /** Where it was refused: `topic/generation/partition/position`; of a command, where it is. */
  place: string;
  value_hash: string;
}

/** How far a group is behind the end of a partition. */
export interface Lag {
  group: string;
  topic: string;
  partition: number;
  behind: number;
}

/** Everything in Postgres that a check looks at. */
export interface StoredRows {
  operations: OperationRow[];
  versions: VersionRow[];
  memories: MemoryRow[];
  links: LinkRow[];
  dead_letters: DeadLetterRow[];
}

/** What each group has to follow to the end. */
export const FOLLOWED = [
  { group: 'writer', topic: 'memory.commands' },
  { group: 'graph', topic: 'graph.commands' },
  { group: 'graph', topic: 'memory.events' },
  { group: 'indexer', topic: 'memory.events' },
  { group: 'cache-invalidator', topic: 'memory.events' },
] as const;
