import type { Command, CommandEnvelope, LinkMemories, PatchMemory, StoreMemory } from './command.js';
import { parseCoordinate } from './coordinate.js';
import type { ErrorCode } from './errors.js';
import { isJsonObject, jsonDepth, type JsonObject, type JsonValue } from './json.js';
import type { Limits } from './limits.js';
import { MEMORY_TYPES, type MemoryAttributes } from './memory.js';
import { isNamespace } from './namespace.js';
import { isStorableJson, isStorableText } from './storable.js';
import { isTime } from './time.js';
import { isUuid } from './uuid.js';

/** What is wrong with a command or a value, as a value: a stable code and a sentence without the payload in it. */
export interface Refusal {
  code: ErrorCode;
  detail: string;
}

/** What every command must satisfy, whoever sent it; undefined when all is well. */
export function checkCommand(command: Command, limits: Limits): Refusal | undefined {
  const refusal = checkEnvelope(command);
  if (refusal !== undefined) return refusal;
  switch (command.type) {
    case 'StoreMemory':
      return (
        checkCoord(command.coord) ?? checkContent(command, limits) ?? checkOwner(command.user_id, command)
      );
    case 'PatchMemory':
      return (
        checkCoord(command.coord) ??
        checkPatch(command, limits) ??
        ('user_id' in command.patch ? checkOwner(command.patch['user_id'], command) : undefined)
      );
    case 'DeleteMemory':
      return checkCoord(command.coord);
    case 'LinkMemories':
    case 'UnlinkMemories':
      return (
        checkCoord(command.from_coord) ??
        checkCoord(command.to_coord) ??
        checkLinkType(command.link_type, limits) ??
        (command.type === 'LinkMemories' ? checkLink(command, limits) : undefined)
      );
  }
}

/** Ids, hashes and names that senders claim are written down as they are, so they are bounded and storable. */
const MAX_CLAIM_LENGTH = 1000;

function checkEnvelope(command: CommandEnvelope): Refusal | undefined {
  if (!isNamespace(command.namespace))
    return refuse('namespace is not of the form [a-z0-9][a-z0-9_.-]{0,62}');
  if (!isUuid(command.command_id)) return refuse('command_id is not a UUID');
  for (const name of ['issuer', 'request_hash', 'bound_to_user'] as const) {
    const claim = command[name];
    if (claim !== null && (claim.length > MAX_CLAIM_LENGTH || !isStorableText(claim))) {
      return refuse(
        `${name} must be a string of at most ${MAX_CLAIM_LENGTH} characters without U+0000 or lone surrogates`,
      );
    }
  }
  return isTime(command.issued_at) ? undefined : refuse('issued_at is not a time');
}

/** Who is bound to a user gives memories to nobody else. */
function checkOwner(user_id: JsonValue | undefined, { bound_to_user }: CommandEnvelope): Refusal | undefined {
  if (bound_to_user === null || user_id === bound_to_user) return undefined;
  return { code: 'forbidden', detail: 'the sender writes memories of its own user alone' };
}

type Content = MemoryAttributes & Pick<StoreMemory, 'payload' | 'text' | 'ttl_seconds' | 'expires_at'>;

/** The rules of a memory's content; a patched memory is checked with them again. Trusts no type: a patch may hold any JSON. */
export function checkContent(content: Content, limits: Limits): Refusal | undefined {
  return (
    checkPayload(content.payload, limits) ??
    checkText(content.text, limits) ??
    checkAttributes(content, limits) ??
    checkTags(content.tags, limits) ??
    checkTimes(content)
  );
}

function checkPayload(payload: JsonObject, limits: Limits): Refusal | undefined {
  if (!isJsonObject(payload)) return refuse('payload must be a JSON object');
  return checkJson('payload', payload, limits);
}

function checkJson(name: string, json: JsonObject, limits: Limits): Refusal | undefined {
  if (jsonDepth(json) > limits.json_depth)
    return refuse(`${name} is nested deeper than ${limits.json_depth}`);
  if (!isStorableJson(json))
    return refuse(`${name} holds U+0000, a lone surrogate or a number beyond a double`);
  if (utf8Length(JSON.stringify(json)) > limits.payload_bytes) {
    return { code: 'payload_too_large', detail: `${name} is larger than ${limits.payload_bytes} bytes` };
  }
  return undefined;
}

function checkText(text: string | null, limits: Limits): Refusal | undefined {
  if (text === null) return undefined;
  if (typeof text !== 'string' || !isStorableText(text)) {
    return refuse('text must be a string without U+0000 or lone surrogates');
  }
  if (utf8Length(text) > limits.text_bytes) {
    return { code: 'payload_too_large', detail: `text is larger than ${limits.text_bytes} bytes` };
  }
  return undefined;
}

function checkAttributes(content: MemoryAttributes, limits: Limits): Refusal | undefined {
  if (!MEMORY_TYPES.includes(content.memory_type))
    return refuse(`memory_type must be one of ${MEMORY_TYPES.join(', ')}`);
  for (const name of ['user_id', 'agent_id', 'thread_id', 'actor'] as const) {
    const value = content[name];
    if (value !== null && !isShortText(value, limits.attribute_length)) {
      return refuse(`${name} must be a string of at most ${limits.attribute_length} characters`);
    }
  }
  if (typeof content.importance !== 'number' || !(content.importance >= 0 && content.importance <= 1)) {
    return refuse('importance must be between 0 and 1');
  }
  return undefined;
}

function checkTags(tags: string[], limits: Limits): Refusal | undefined {
  if (!Array.isArray(tags) || tags.length > limits.tags) return refuse(`tags must be at most ${limits.tags}`);
  if (tags.some((tag) => !isShortText(tag, limits.tag_length))) {
    return refuse(`each tag must be a string of at most ${limits.tag_length} characters`);
  }
  return undefined;
}

function checkTimes(content: Content): Refusal | undefined {
  if (content.occurred_at !== null && !isTime(content.occurred_at))
    return refuse('occurred_at is not a time');
  if (content.expires_at !== null && !isTime(content.expires_at)) return refuse('expires_at is not a time');
  const ttl = content.ttl_seconds;
  if (ttl !== null && !(Number.isSafeInteger(ttl) && ttl > 0 && ttl <= MAX_TTL_SECONDS)) {
    return refuse(`ttl_seconds must be a whole number from 1 to ${MAX_TTL_SECONDS}`);
  }
  return undefined;
}

function isShortText(value: unknown, length: number): boolean {
  return typeof value === 'string' && value.length <= length && isStorableText(value);
}

/** 100 years. */
export const MAX_TTL_SECONDS = 3_155_760_000;
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
  if (unknown !== undefined)
    return refuse('patch has a field that a memory does not have or that cannot be patched');
  // One level more than a payload may have: the patch holds the payload's.
  if (jsonDepth(command.patch) > limits.json_depth + 1)
    return refuse(`patch is nested deeper than ${limits.json_depth + 1}`);
  if (utf8Length(JSON.stringify(command.patch)) > limits.payload_bytes + limits.text_bytes) {
    return { code: 'payload_too_large', detail: 'patch is larger than a memory may be' };
  }
  return undefined;
}

function checkLinkType(linkType: string, limits: Limits): Refusal | undefined {
  if (linkType.length > 0 && isShortText(linkType, limits.attribute_length)) return undefined;
  return refuse(
    `type must have 1 to ${limits.attribute_length} characters, none of them U+0000 or a lone surrogate`,
  );
}

function checkLink({ weight, properties }: LinkMemories, limits: Limits): Refusal | undefined {
  // A path adds up 1/weight, so that has to be finite too.
  if (!(weight > 0 && Number.isFinite(weight) && Number.isFinite(1 / weight))) {
    return refuse('weight must be above 0 and its reciprocal finite');
  }
  if (!isJsonObject(properties)) return refuse('properties must be a JSON object');
  return checkJson('properties', properties, limits);
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
