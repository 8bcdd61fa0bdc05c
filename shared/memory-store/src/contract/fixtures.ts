import { randomUUID } from 'node:crypto';
import type { Claim, Ledger } from '@soma/ledger';
import { moveTo } from '@soma/ledger/contract';
import {
  DEFAULT_ATTRIBUTES,
  DEFAULT_LIMITS,
  NO_CONDITIONS,
  type CommandEnvelope,
  type DeleteMemory,
  type MemoryCommand,
  type PatchMemory,
  type StoreMemory,
} from '@soma/memory';
import type { CommandBatch, MemoryStore } from '../port.js';

export const NO_QUOTAS: CommandBatch['quotas'] = new Map();

export interface OpenedMemoryStore {
  store: MemoryStore;
  /** Over the same database. */
  ledger: Ledger;
  /** Lets go of all versions of a memory but the latest, as retention does. */
  forgetHistory(namespace: string, key: string): Promise<void>;
  close(): Promise<void>;
}

export function envelope(): CommandEnvelope {
  return {
    command_id: randomUUID(),
    namespace: 'team',
    request_hash: null,
    issued_at: 1_700_000_000_000,
    issuer: 'tester',
    bound_to_user: null,
  };
}

export function storeCommand(coord: string, changes: Partial<StoreMemory> = {}): StoreMemory {
  return {
    type: 'StoreMemory',
    ...envelope(),
    ...DEFAULT_ATTRIBUTES,
    coord,
    conditions: NO_CONDITIONS,
    payload: { text: `about ${coord}` },
    text: null,
    ttl_seconds: null,
    expires_at: null,
    ...changes,
  };
}

export function patchCommand(
  coord: string,
  patch: PatchMemory['patch'],
  changes: Partial<PatchMemory> = {},
): PatchMemory {
  return { type: 'PatchMemory', ...envelope(), coord, conditions: NO_CONDITIONS, patch, ...changes };
}

export function deleteCommand(coord: string, changes: Partial<DeleteMemory> = {}): DeleteMemory {
  const plain = { conditions: NO_CONDITIONS, erase: false, only_expired: false };
  return { type: 'DeleteMemory', ...envelope(), coord, ...plain, ...changes };
}

/** The commands at consecutive positions from `first` on. */
export function batchOf(
  claim: Claim,
  first: number,
  commands: MemoryCommand[],
  changes: Partial<CommandBatch['progress']> = {},
): CommandBatch {
  return {
    progress: moveTo(first + commands.length - 1, claim, changes),
    commands: commands.map((command, index) => ({ position: first + index, command })),
    limits: DEFAULT_LIMITS,
    quotas: NO_QUOTAS,
  };
}
