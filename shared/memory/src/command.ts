import type { JsonObject } from './json.js';
import type { MemoryAttributes } from './memory.js';

/** An entry of If-Match: a version, or a version of one revision when a whole ETag was sent. */
export interface VersionMatch {
  version: number;
  revision: number | null;
}

/** What must hold for a command to be carried out; all of it. */
export interface Conditions {
  /** If-Match: *, the memory must exist. */
  if_exists: boolean;
  /** If-None-Match: *, the memory must not exist. */
  if_absent: boolean;
  /** If-Match with versions: one of them must be the current one. Null: not asked. */
  if_match: VersionMatch[] | null;
}

export const NO_CONDITIONS: Conditions = { if_exists: false, if_absent: false, if_match: null };

export interface CommandEnvelope {
  /** UUID. One effect per id, however often the command arrives. */
  command_id: string;
  namespace: string;
  /** SHA-256 hex of method, path, conditions and body as sent; the same id with another hash is refused. */
  request_hash: string | null;
  /** When the sender made it; a claim. */
  issued_at: number;
  /** Who the sender says it is; a claim, never an authority. */
  issuer: string;
  /** The sender sees and changes the memories of this user alone; to it those of others are absent. Null: not bound. */
  bound_to_user: string | null;
}

interface MemoryCommandEnvelope extends CommandEnvelope {
  coord: string;
  conditions: Conditions;
}

/** Replaces the whole memory; absent fields take their defaults. */
export interface StoreMemory extends MemoryCommandEnvelope, MemoryAttributes {
  type: 'StoreMemory';
  payload: JsonObject;
  /** Null: derived from the payload. */
  text: string | null;
  /** Seconds from the moment the command is carried out; wins over expires_at. */
  ttl_seconds: number | null;
  expires_at: number | null;
}

/** JSON Merge Patch (RFC 7396) over the fields of StoreMemory; times are epoch milliseconds. */
export interface PatchMemory extends MemoryCommandEnvelope {
  type: 'PatchMemory';
  patch: JsonObject;
}

export interface DeleteMemory extends MemoryCommandEnvelope {
  type: 'DeleteMemory';
  /** What was kept of the memory goes too: its history, and the content of its dead letters. */
  erase: boolean;
  /** Carry out only when the memory has expired; its version is compared although readers no longer see it. */
  only_expired: boolean;
}

export type MemoryCommand = StoreMemory | PatchMemory | DeleteMemory;

/** A link leads from one memory to another, has a type and a weight above 0; either end may not exist yet. */
export interface LinkMemories extends CommandEnvelope {
  type: 'LinkMemories';
  from_coord: string;
  to_coord: string;
  link_type: string;
  weight: number;
  properties: JsonObject;
}

export interface UnlinkMemories extends CommandEnvelope {
  type: 'UnlinkMemories';
  from_coord: string;
  to_coord: string;
  link_type: string;
}

export type LinkCommand = LinkMemories | UnlinkMemories;
export type Command = MemoryCommand | LinkCommand;
