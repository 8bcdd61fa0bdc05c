import { HEADERS, recordKey, TOPICS } from '@soma/events';
import type { JsonObject, JsonValue, MemoryCommand } from '@soma/memory';
import { seededUuid, UNCONDITIONAL, type Asked, type Numbers } from '../history/history.js';
import type { Place } from '../history/keyspace.js';
import type { Random } from '../random.js';
import { patchBody, putBody } from './content.js';

export interface RawRecord {
  topic: string;
  key: string | null;
  value: Buffer;
  headers: Record<string, string>;
  /** Absent: what the key says by murmur2. */
  partition?: number;
}

export interface RawDrafting {
  random: Random;
  numbers: Numbers;
  expiry: boolean;
}

/** A command as another system would send it: an id of its own, no hash. */
export function rawCommand(place: Place, { random, numbers, expiry }: RawDrafting): Asked {
  const n = numbers.next();
  const type = random.pick(['put', 'put', 'put', 'patch', 'delete'] as const);
  const options = { n, place, random, expiry, largest: false };
  const content: JsonObject = type === 'put' ? putBody(options) : type === 'patch' ? patchBody(options) : {};
  const chance = random.next();
  return {
    n,
    source: 'kafka',
    type,
    namespace: place.namespace,
    key: place.key,
    coord: random.pick(place.spellings),
    content,
    conditions: {
      ...UNCONDITIONAL,
      if_exists: chance < 0.05,
      if_absent: chance > 0.95,
    },
    idempotency_key: null,
    request_hash: null,
    command_id: seededUuid(random),
    started: 0,
    ended: null,
    told: { outcome: 'unknown' },
  };
}

const RECORD_TYPES = { put: 'StoreMemory', patch: 'PatchMemory', delete: 'DeleteMemory' } as const;

/** The record in the form that needs no schema registry. */
export function jsonRecord(asked: Asked): RawRecord {
  const type = RECORD_TYPES[asked.type as keyof typeof RECORD_TYPES];
  const body: Record<string, JsonValue> = {
    type,
    command_id: asked.command_id,
    namespace: asked.namespace,
    coord: asked.coord,
    if_exists: asked.conditions.if_exists,
    if_absent: asked.conditions.if_absent,
    ...(asked.type === 'put' ? asked.content : {}),
    ...(asked.type === 'patch' ? { patch: asked.content } : {}),
  };
  return {
    topic: TOPICS.memoryCommands,
    key: recordKey(asked.namespace, asked.key),
    value: Buffer.from(JSON.stringify(body)),
    headers: { [HEADERS.contentType]: 'application/json', [HEADERS.recordType]: type },
  };
}

/** The same as the codec takes it. */
export function commandOf(asked: Asked): MemoryCommand {
  const { content, conditions } = asked;
  const envelope = {
    command_id: asked.command_id ?? '',
    namespace: asked.namespace,
    coord: asked.coord,
    request_hash: null,
    issued_at: 0,
    issuer: '',
    bound_to_user: null,
    conditions: { ...conditions, if_match: null },
  };
  switch (asked.type) {
    case 'put':
      return {
        type: 'StoreMemory',
        ...envelope,
        memory_type: 'episodic',
        user_id: null,
        agent_id: null,
        thread_id: null,
        actor: null,
        tags: [],
        importance: 0.5,
        occurred_at: null,
        text: null,
        ttl_seconds: null,
        expires_at: null,
        ...(content as { payload: JsonObject }),
      };
    case 'patch':
      return { type: 'PatchMemory', ...envelope, patch: content };
    default:
      return { type: 'DeleteMemory', ...envelope, erase: false, only_expired: false };
  }
}
