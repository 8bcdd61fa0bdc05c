import { checkContent, type Refusal } from './check-command.js';
import type { Conditions, DeleteMemory, MemoryCommand, PatchMemory, StoreMemory } from './command.js';
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
  /** `existed`: there was a live memory before. */
  | { outcome: 'deleted'; tombstone: Tombstone; existed: boolean }
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
 * Every rule of versions, conditions, merge patches and expiry is here. An expired memory is absent; to a sender bound
 * to a user, that of another one is absent too, except that it cannot be replaced.
 */
export function decide(current: MemoryState | undefined, command: MemoryCommand, moment: Moment): Decision {
  const seen = isHidden(current, command) ? undefined : current;
  const live = isLive(seen, moment.now) ? seen : undefined;
  const refusal = checkConditions(subjectOf(seen, command, moment.now), command.conditions);
  if (refusal !== undefined) return { outcome: 'rejected', ...refusal };
  const identity = identityOf(current, command, moment);
  switch (command.type) {
    case 'StoreMemory':
      if (live === undefined && isLive(current, moment.now)) return TAKEN;
      return stored(live, command, command, identity, moment);
    case 'PatchMemory':
      return patched(live, command, identity, moment);
    case 'DeleteMemory':
      return removed(seen, live, command, identity, moment);
  }
}

const TAKEN: Decision = {
  outcome: 'rejected',
  code: 'forbidden',
  detail: 'the coord is taken by a memory that the sender may not see',
};

/** Is there content that the sender may not know of? Tombstones have none. */
function isHidden(current: MemoryState | undefined, { bound_to_user }: MemoryCommand): boolean {
  return bound_to_user !== null && current?.deleted === false && current.user_id !== bound_to_user;
}

/** The memory that conditions speak of: what a reader finds; of an erasure and of the end of what expired, what is stored. */
function subjectOf(
  current: MemoryState | undefined,
  command: MemoryCommand,
  now: number,
): Memory | undefined {
  if (command.type === 'DeleteMemory' && (command.erase || command.only_expired)) {
    return current?.deleted === false ? current : undefined;
  }
  return isLive(current, now) ? current : undefined;
}

function checkConditions(subject: Memory | undefined, conditions: Conditions): Refusal | undefined {
  if (conditions.if_absent && subject !== undefined) {
    return { code: 'already_exists', detail: 'there is a memory at this coord' };
  }
  if (conditions.if_exists && subject === undefined) {
    return { code: 'version_conflict', detail: 'there is no memory at this coord' };
  }
  if (conditions.if_match === null) return undefined;
  const matches = conditions.if_match.some(
    ({ version, revision }) =>
      subject?.version === version && (revision === null || revision === subject.revision),
  );
  if (matches) return undefined;
  const found =
    subject === undefined ? 'there is no memory at this coord' : `the current version is ${subject.version}`;
  return { code: 'version_conflict', detail: found };
}

/**
 * An erasure leaves a tombstone whatever was there: its revision is what index, cache and links clear themselves by,
 * links that name a memory that never was among them. One that is bound to a user erases what that user sees.
 */
function removed(
  current: MemoryState | undefined,
  live: Memory | undefined,
  command: DeleteMemory,
  identity: Identity,
  moment: Moment,
): Decision {
  const expired = current?.deleted === false && !isLive(current, moment.now);
  const anyway = command.erase && command.bound_to_user === null;
  const carriedOut = command.only_expired ? expired : anyway || live !== undefined;
  if (!carriedOut) return { outcome: 'unchanged', version: null };
  return { outcome: 'deleted', tombstone: { deleted: true, ...identity }, existed: live !== undefined };
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
