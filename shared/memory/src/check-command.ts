import type { Command, PatchMemory, StoreMemory } from './command.js';
import { parseCoordinate } from './coordinate.js';
import type { ErrorCode } from './errors.js';
import { isJsonObject, jsonDepth, type JsonObject } from './json.js';
import type { Limits } from './limits.js';
import { MEMORY_TYPES, type MemoryAttributes } from './memory.js';
import { isNamespace } from './namespace.js';

/** What is wrong with a command or a value, as a value: a stable code and a sentence without the payload in it. */
export interface Refusal {
  code: ErrorCode;
  detail: string;
}

/** What every command must satisfy, whoever sent it; undefined when all is well. */
export function checkCommand(command: Command, limits: Limits): Refusal | undefined {
  if (!isNamespace(command.namespace)) return refuse('namespace is not of the form [a-z0-9][a-z0-9_.-]{0,62}');
  switch (command.type) {
    case 'StoreMemory':
      return checkCoord(command.coord) ?? checkContent(command, limits);
    case 'PatchMemory':
      return checkCoord(command.coord) ?? checkPatch(command, limits);
    case 'DeleteMemory':
      return checkCoord(command.coord);
    case 'LinkMemories':
    case 'UnlinkMemories':
      return (
        checkCoord(command.from_coord) ??
        checkCoord(command.to_coord) ??
        (command.link_type.length === 0 || command.link_type.length > limits.attribute_length
          ? refuse(`type must have 1 to ${limits.attribute_length} characters`)
          : undefined) ??
        (command.type === 'LinkMemories' ? checkLink(command.weight, command.properties, limits) : undefined)
      );
  }
}

type Content = MemoryAttributes & Pick<StoreMemory, 'payload' | 'text' | 'ttl_seconds' | 'expires_at'>;

/** The rules of a memory's content; a patched memory is checked with them again. */
export function checkContent(content: Content, limits: Limits): Refusal | undefined {
  if (!isJsonObject(content.payload)) return refuse('payload must be a JSON object');
  if (jsonDepth(content.payload) > limits.json_depth) return refuse(`payload is nested deeper than ${limits.json_depth}`);
  if (utf8Length(JSON.stringify(content.payload)) > limits.payload_bytes) {
    return { code: 'payload_too_large', detail: `payload is larger than ${limits.payload_bytes} bytes` };
  }
  if (content.text !== null && utf8Length(content.text) > limits.text_bytes) {
    return { code: 'payload_too_large', detail: `text is larger than ${limits.text_bytes} bytes` };
  }
  if (!MEMORY_TYPES.includes(content.memory_type)) return refuse(`memory_type must be one of ${MEMORY_TYPES.join(', ')}`);
  for (const name of ['user_id', 'agent_id', 'thread_id', 'actor'] as const) {
    const value = content[name];
    if (value !== null && (typeof value !== 'string' || value.length > limits.attribute_length)) {
      return refuse(`${name} must be a string of at most ${limits.attribute_length} characters`);
    }
  }
  if (!Array.isArray(content.tags) || content.tags.length > limits.tags) return refuse(`tags must be at most ${limits.tags}`);
  if (content.tags.some((tag) => typeof tag !== 'string' || tag.length > limits.tag_length)) {
    return refuse(`each tag must be a string of at most ${limits.tag_length} characters`);
  }
  if (typeof content.importance !== 'number' || !(content.importance >= 0 && content.importance <= 1)) {
    return refuse('importance must be between 0 and 1');
  }
  if (!isTime(content.occurred_at)) return refuse('occurred_at is not a time');
  if (!isTime(content.expires_at)) return refuse('expires_at is not a time');
  if (content.ttl_seconds !== null && !(Number.isSafeInteger(content.ttl_seconds) && content.ttl_seconds > 0 && content.ttl_seconds <= MAX_TTL_SECONDS)) {
    return refuse(`ttl_seconds must be a whole number from 1 to ${MAX_TTL_SECONDS}`);
  }
  return undefined;
}

/** 100 years. */
export const MAX_TTL_SECONDS = 3_155_760_000;
/** What both Postgres's timestamptz and RFC 3339 can say: years 1 to 9999. */
const MIN_TIME = Date.parse('0001-01-01T00:00:00Z');
const MAX_TIME = Date.parse('9999-12-31T23:59:59.999Z');

function isTime(value: number | null): boolean {
  return value === null || (Number.isSafeInteger(value) && value >= MIN_TIME && value <= MAX_TIME);
}

const PATCHABLE: ReadonlySet<string> = new Set([
  'payload',
  'text',
  'memory_type',
  'user_id',
  'agent_id',
  'thread_id',
  'actor',
  'tags',
  'importance',
  'occurred_at',
  'expires_at',
  'ttl_seconds',
]);

function checkPatch(command: PatchMemory, limits: Limits): Refusal | undefined {
  if (!isJsonObject(command.patch)) return refuse('patch must be a JSON object');
  const unknown = Object.keys(command.patch).find((name) => !PATCHABLE.has(name));
  if (unknown !== undefined) return refuse('patch has a field that a memory does not have or that cannot be patched');
  if (utf8Length(JSON.stringify(command.patch)) > limits.payload_bytes + limits.text_bytes) {
    return { code: 'payload_too_large', detail: 'patch is larger than a memory may be' };
  }
  return undefined;
}

function checkLink(weight: number, properties: JsonObject, limits: Limits): Refusal | undefined {
  if (!(weight > 0 && Number.isFinite(weight))) return refuse('weight must be above 0');
  if (jsonDepth(properties) > limits.json_depth) return refuse(`properties are nested deeper than ${limits.json_depth}`);
  if (utf8Length(JSON.stringify(properties)) > limits.payload_bytes) {
    return { code: 'payload_too_large', detail: `properties are larger than ${limits.payload_bytes} bytes` };
  }
  return undefined;
}

function checkCoord(coord: string): Refusal | undefined {
  if (parseCoordinate(coord) !== undefined) return undefined;
  return {
    code: 'invalid_coord',
    detail:
      'a coord is 1 to 64 comma-separated numbers of at most 15 digits, or a name of 1 to 200 of A-Z a-z 0-9 . _ : ~ @ + - that is not reserved',
  };
}

function refuse(detail: string): Refusal {
  return { code: 'invalid_request', detail };
}

const encoder = new TextEncoder();
function utf8Length(text: string): number {
  return encoder.encode(text).length;
}
