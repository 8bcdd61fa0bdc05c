import { checkContent, type Refusal } from './check-command.js';
import type { Conditions, MemoryCommand, PatchMemory, StoreMemory } from './command.js';
import { parseCoordinate } from './coordinate.js';
import { deriveText } from './derive-text.js';
import type { JsonObject } from './json.js';
import { DEFAULT_LIMITS, type Limits } from './limits.js';
import {
  DEFAULT_ATTRIBUTES,
  isLive,
  type Memory,
  type MemoryAttributes,
  type MemoryState,
  type Tombstone,
} from './memory.js';
import { mergePatch } from './merge-patch.js';

export type Decision =
  /** `created`: there was no live memory before. */
  | { outcome: 'stored'; memory: Memory; created: boolean }
  | { outcome: 'deleted'; tombstone: Tombstone }
  /** The command asked for what already is: a deletion of nothing. */
  | { outcome: 'unchanged'; version: number | null }
  | ({ outcome: 'rejected' } & Refusal);

export interface Moment {
  /** Postgres's clock, epoch milliseconds. */
  now: number;
  /** The revision that this command's position gives. */
  revision: number;
  limits?: Limits;
}

/**
 * What a command does to a memory. Pure: the same current state, command and moment give the same decision.
 * Every rule of versions, conditions, merge patches and expiry is here. An expired memory is absent.
 */
export function decide(current: MemoryState | undefined, command: MemoryCommand, moment: Moment): Decision {
  const live = isLive(current, moment.now) ? current : undefined;
  const refusal = checkConditions(live, command.conditions);
  if (refusal !== undefined) return { outcome: 'rejected', ...refusal };
  const identity = identityOf(current, command, moment);
  switch (command.type) {
    case 'StoreMemory':
      return stored(live, command, command, identity, moment);
    case 'PatchMemory':
      return patched(live, command, identity, moment);
    case 'DeleteMemory':
      if (live === undefined) return { outcome: 'unchanged', version: null };
      return { outcome: 'deleted', tombstone: { deleted: true, ...identity } };
  }
}

function checkConditions(live: Memory | undefined, conditions: Conditions): Refusal | undefined {
  if (conditions.if_absent && live !== undefined) {
    return { code: 'already_exists', detail: 'there is a memory at this coord' };
  }
  if (conditions.if_exists && live === undefined) {
    return { code: 'version_conflict', detail: 'there is no memory at this coord' };
  }
  if (conditions.if_match === null) return undefined;
  const matches = conditions.if_match.some(
    (wanted) =>
      live?.version === wanted.version && (wanted.revision === null || wanted.revision === live.revision),
  );
  if (matches) return undefined;
  const found =
    live === undefined ? 'there is no memory at this coord' : `the current version is ${live.version}`;
  return { code: 'version_conflict', detail: found };
}

type Identity = Omit<Tombstone, 'deleted'>;

function identityOf(current: MemoryState | undefined, command: MemoryCommand, moment: Moment): Identity {
  const coordinate = parseCoordinate(command.coord);
  if (coordinate === undefined) throw new RangeError('decide was given a command that checkCommand refuses');
  return {
    namespace: command.namespace,
    key: coordinate.key,
    coord: command.type === 'StoreMemory' ? command.coord : (current?.coord ?? command.coord),
    version: (current?.version ?? 0) + 1,
    revision: moment.revision,
    updated_at: moment.now,
  };
}

type Content = MemoryAttributes & Pick<StoreMemory, 'payload' | 'text' | 'ttl_seconds' | 'expires_at'>;

function stored(
  live: Memory | undefined,
  command: MemoryCommand,
  content: Content,
  identity: Identity,
  moment: Moment,
): Decision {
  const memory: Memory = {
    deleted: false,
    ...identity,
    payload: content.payload,
    text: content.text ?? deriveText(content.payload),
    text_given: content.text !== null,
    memory_type: content.memory_type,
    user_id: content.user_id,
    agent_id: content.agent_id,
    thread_id: content.thread_id,
    actor: content.actor,
    tags: content.tags,
    importance: content.importance,
    occurred_at: content.occurred_at,
    expires_at: content.ttl_seconds === null ? content.expires_at : moment.now + content.ttl_seconds * 1000,
    created_at: live?.created_at ?? moment.now,
  };
  return { outcome: 'stored', memory, created: live === undefined && command.type === 'StoreMemory' };
}

function patched(
  live: Memory | undefined,
  command: PatchMemory,
  identity: Identity,
  moment: Moment,
): Decision {
  if (live === undefined) {
    return { outcome: 'rejected', code: 'memory_not_found', detail: 'there is no memory at this coord' };
  }
  const content = mergePatch(contentOf(live), command.patch) as JsonObject & Partial<Content>;
  const complete: Content = {
    ...DEFAULT_ATTRIBUTES,
    payload: {},
    text: null,
    ttl_seconds: null,
    expires_at: null,
    ...content,
  };
  const refusal = checkContent(complete, moment.limits ?? DEFAULT_LIMITS);
  if (refusal !== undefined) return { outcome: 'rejected', ...refusal };
  return stored(live, command, complete, identity, moment);
}

/** The document that a patch is merged into: what a caller could have sent to store this memory. */
function contentOf(memory: Memory): JsonObject {
  const document: JsonObject = {
    payload: memory.payload,
    memory_type: memory.memory_type,
    tags: memory.tags,
    importance: memory.importance,
  };
  if (memory.text_given) document['text'] = memory.text;
  for (const name of ['user_id', 'agent_id', 'thread_id', 'actor', 'occurred_at', 'expires_at'] as const) {
    const value = memory[name];
    if (value !== null) document[name] = value;
  }
  return document;
}
