import { describe, expect, test } from '@jest/globals';
import { checkCommand, MAX_TTL_SECONDS } from './check-command.js';
import {
  NO_CONDITIONS,
  type Command,
  type DeleteMemory,
  type LinkMemories,
  type PatchMemory,
  type StoreMemory,
} from './command.js';
import type { JsonObject, JsonValue } from './json.js';
import { DEFAULT_LIMITS } from './limits.js';
import { DEFAULT_ATTRIBUTES } from './memory.js';

const ENVELOPE = {
  command_id: '0190D7A0-0000-7000-8000-00000000000a',
  namespace: 'team-1.a_b',
  request_hash: null,
  issued_at: 5,
  issuer: 'tester',
  bound_to_user: null,
};
const store = (changes: Partial<StoreMemory> = {}): StoreMemory => ({
  type: 'StoreMemory',
  ...ENVELOPE,
  ...DEFAULT_ATTRIBUTES,
  coord: '42,17',
  conditions: NO_CONDITIONS,
  payload: {},
  text: null,
  ttl_seconds: null,
  expires_at: null,
  ...changes,
});
const patch = (fields: JsonObject): PatchMemory => ({
  type: 'PatchMemory',
  ...ENVELOPE,
  coord: 'm',
  conditions: NO_CONDITIONS,
  patch: fields,
});
const remove = (coord: string): DeleteMemory => ({
  type: 'DeleteMemory',
  ...ENVELOPE,
  coord,
  conditions: NO_CONDITIONS,
  erase: false,
  only_expired: false,
});
const link = (changes: Partial<LinkMemories> = {}): LinkMemories => ({
  type: 'LinkMemories',
  ...ENVELOPE,
  from_coord: 'a',
  to_coord: '1',
  link_type: 'related',
  weight: 1,
  properties: {},
  ...changes,
});
const nested = (depth: number): JsonObject =>
  JSON.parse('{"a":'.repeat(depth - 1) + '{}' + '}'.repeat(depth - 1)) as JsonObject;
/** A payload of exactly so many bytes; é has two. */
const sized = (bytes: number): JsonObject => ({ a: `é${'x'.repeat(bytes - 10)}` });
const code = (command: Command) => checkCommand(command, DEFAULT_LIMITS)?.code;

test.each<[string, Command]>([
  ['a plain memory', store()],
  ['the largest payload', store({ payload: sized(256 * 1024) })],
  ['the deepest payload', store({ payload: nested(32) })],
  [
    'the longest attributes',
    store({ user_id: 'x'.repeat(128), tags: Array.from({ length: 64 }, () => 'x'.repeat(64)) }),
  ],
  ['importance at its ends', store({ importance: 0 })],
  ['the longest ttl', store({ ttl_seconds: MAX_TTL_SECONDS })],
  [
    'the first and last times',
    store({
      occurred_at: Date.parse('0001-01-01T00:00:00Z'),
      expires_at: Date.parse('9999-12-31T23:59:59.999Z'),
    }),
  ],
  [
    'a patch of everything',
    patch({ payload: { a: null }, text: 't', tags: [], ttl_seconds: 5, user_id: null }),
  ],
  ['a patch as deep as a payload may be', patch({ payload: nested(32) })],
  ['a deletion', remove('m')],
  ['a link', link({ properties: { a: [1] }, weight: 1e-9 })],
  ['an unlink', { type: 'UnlinkMemories', ...ENVELOPE, from_coord: 'a', to_coord: 'b', link_type: 'x' }],
])('%s is well', (_, command) => {
  expect(checkCommand(command, DEFAULT_LIMITS)).toBeUndefined();
});

describe('is invalid_request:', () => {
  test.each(['', 'Team', '-a', '.a', 'a b', 'a/b', 'a\n', 'x'.repeat(64)])('namespace %j', (namespace) => {
    expect(code(store({ namespace }))).toBe('invalid_request');
  });

  test.each<[string, Partial<StoreMemory>]>([
    ['an id that is no UUID', { command_id: 'one' }],
    ['an issuer with U+0000', { issuer: 'a\0' }],
    ['an endless issuer', { issuer: 'x'.repeat(1001) }],
    ['a hash with a lone surrogate', { request_hash: '\ud800' }],
    ['issued at no time', { issued_at: Number.NaN }],
    ['issued beyond all times', { issued_at: 8.64e15 }],
    ['a payload that is a list', { payload: [] as unknown as JsonObject }],
    ['too deep a payload', { payload: nested(33) }],
    ['a payload far too deep', { payload: nested(5_000) }],
    ['a payload with U+0000', { payload: { a: ['\0'] } }],
    ['a payload key with a lone surrogate', { payload: { '\udfff': 1 } }],
    ['a payload number beyond a double', { payload: { a: Infinity } }],
    ['a text with U+0000', { text: '\0' }],
    ['an attribute of 129 characters', { thread_id: 'x'.repeat(129) }],
    ['an attribute with U+0000', { actor: '\0' }],
    ['65 tags', { tags: Array<string>(65).fill('t') }],
    ['a tag of 65 characters', { tags: ['x'.repeat(65)] }],
    ['a tag with a lone surrogate', { tags: ['\ud800'] }],
    ['importance below 0', { importance: -0.1 }],
    ['importance NaN', { importance: Number.NaN }],
    ['a time before year 1', { occurred_at: Date.parse('0001-01-01T00:00:00Z') - 1 }],
    ['half a millisecond', { expires_at: 0.5 }],
    ['a ttl of half a second', { ttl_seconds: 0.5 }],
    ['a ttl beyond a century', { ttl_seconds: MAX_TTL_SECONDS + 1 }],
  ])('%s', (_, changes) => {
    expect(code(store(changes))).toBe('invalid_request');
  });

  test.each<[string, JsonValue]>([
    ['a coord', { coord: 'b' }],
    ['a field that no memory has', { colour: 'red' }],
    ['a version', { version: 5 }],
    ['__proto__', JSON.parse('{"__proto__": {}}') as JsonObject],
    ['a patch that is a list', []],
    ['a patch far too deep', { payload: nested(5_000) }],
  ])('a patch of %s', (_, fields) => {
    expect(code(patch(fields as JsonObject))).toBe('invalid_request');
  });

  test.each<[string, Partial<LinkMemories>]>([
    ['weight 0', { weight: 0 }],
    ['weight Infinity', { weight: Infinity }],
    ['a weight whose reciprocal is not finite', { weight: 5e-324 }],
    ['no type', { link_type: '' }],
    ['too long a type', { link_type: 'x'.repeat(129) }],
    ['a type with U+0000', { link_type: '\0' }],
    ['properties that are a list', { properties: [] as unknown as JsonObject }],
    ['properties too deep', { properties: nested(33) }],
    ['properties with U+0000', { properties: { a: '\0' } }],
  ])('a link with %s', (_, changes) => {
    expect(code(link(changes))).toBe('invalid_request');
  });
});

test.each<[string, Command]>([
  ['payload', store({ payload: sized(256 * 1024 + 1) })],
  ['text', store({ text: 'é'.repeat(128 * 1024 + 1) })],
  ['patch', patch({ text: 'x'.repeat(512 * 1024) })],
  ['properties', link({ properties: sized(256 * 1024 + 1) })],
])('a %s beyond its limit is payload_too_large', (_, command) => {
  expect(code(command)).toBe('payload_too_large');
});

test.each<[string, Command]>([
  ['store', store({ coord: '1,x' })],
  ['patch', { ...patch({}), coord: '' }],
  ['delete', remove('search')],
  ['link from', link({ from_coord: ',' })],
  ['link to', link({ to_coord: ',' })],
])('a bad coord of a %s is invalid_coord', (_, command) => {
  expect(code(command)).toBe('invalid_coord');
});

test.each<[string, Command]>([
  ['storing for another', store({ bound_to_user: 'ann', user_id: 'bob' })],
  ['storing for nobody', store({ bound_to_user: 'ann' })],
  ['giving to another', { ...patch({ user_id: 'bob' }), bound_to_user: 'ann' }],
  ['giving to nobody', { ...patch({ user_id: null }), bound_to_user: 'ann' }],
])('%s is forbidden to a sender that is bound to a user', (_, command) => {
  expect(code(command)).toBe('forbidden');
});

test.each<[string, Command]>([
  ['storing for its user', store({ bound_to_user: 'ann', user_id: 'ann' })],
  ['a patch that names its user', { ...patch({ user_id: 'ann' }), bound_to_user: 'ann' }],
  ['a patch of something else', { ...patch({ importance: 1 }), bound_to_user: 'ann' }],
])('%s is well', (_, command) => {
  expect(checkCommand(command, DEFAULT_LIMITS)).toBeUndefined();
});

test('the limits are those that are given', () => {
  const limits = { ...DEFAULT_LIMITS, payload_bytes: 10, tags: 1 };
  expect(checkCommand(store({ payload: { a: 'xxxxxxxxxx' } }), limits)?.code).toBe('payload_too_large');
  expect(checkCommand(store({ tags: ['a', 'b'] }), limits)?.code).toBe('invalid_request');
});

test('no refusal tells what was refused', () => {
  const secret = 'a-secret-payload';
  for (const command of [
    store({ payload: { [secret]: '\0' } }),
    patch({ [secret]: 1 }),
    store({ coord: `${secret},1` }),
  ]) {
    expect(checkCommand(command, DEFAULT_LIMITS)?.detail).not.toContain(secret);
  }
});
