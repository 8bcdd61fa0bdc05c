import { expect, test } from '@jest/globals';
import { MEMORY_TYPES, type Command, type JsonObject, type JsonValue } from '@soma/memory';
import fc from 'fast-check';
import { createCodec } from './codec.js';
import { createCommittedIds } from './committed-ids/index.js';
import type { MemoryEvent } from './event.js';
import { TOPICS } from './topics.js';

const codec = createCodec({ ids: createCommittedIds() });

/** Text without U+0000 and lone surrogates, which nothing here ever has to carry. */
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((value) => !value.includes('\0'));
const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const time = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });
const count = fc.nat({ max: 2 ** 31 - 1 });
/** avsc's longs end one below 2^53 - 1. */
const revision = fc.maxSafeNat().map((value) => Math.min(value, Number.MAX_SAFE_INTEGER - 1));
/** Without -0, which JSON.stringify writes as 0. */
const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);

/** Integers that JavaScript prints in full must be exact. */
const jsonScalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  text,
  double.filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value)),
);
const { object: json } = fc.letrec<{ object: JsonObject; value: JsonValue }>((tie) => ({
  object: fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  value: fc.oneof(
    { depthSize: 'small' },
    jsonScalar,
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
}));

const attributes = {
  memory_type: fc.constantFrom(...MEMORY_TYPES),
  user_id: nullable(text),
  agent_id: nullable(text),
  thread_id: nullable(text),
  actor: nullable(text),
  tags: fc.array(text, { maxLength: 5 }),
  importance: double,
  occurred_at: nullable(time),
};
const envelope = {
  command_id: fc.uuid(),
  namespace: text,
  request_hash: nullable(text),
  issued_at: time,
  issuer: text,
  bound_to_user: nullable(text),
};
const coord = fc.constantFrom('42.0,17', 'user:1', '-0.50');
const memoryEnvelope = {
  ...envelope,
  coord,
  conditions: fc.record({
    if_exists: fc.boolean(),
    if_absent: fc.boolean(),
    if_match: nullable(
      fc.array(fc.record({ version: count, revision: nullable(revision) }), { maxLength: 3 }),
    ),
  }),
};
const ends = { from_coord: coord, to_coord: coord, link_type: text };

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({
    type: fc.constant('StoreMemory' as const),
    ...memoryEnvelope,
    payload: json,
    text: nullable(text),
    ...attributes,
    ttl_seconds: nullable(count),
    expires_at: nullable(time),
  }),
  fc.record({ type: fc.constant('PatchMemory' as const), ...memoryEnvelope, patch: json }),
  fc.record({
    type: fc.constant('DeleteMemory' as const),
    ...memoryEnvelope,
    erase: fc.boolean(),
    only_expired: fc.boolean(),
  }),
  fc.record({
    type: fc.constant('LinkMemories' as const),
    ...envelope,
    ...ends,
    weight: double,
    properties: json,
  }),
  fc.record({ type: fc.constant('UnlinkMemories' as const), ...envelope, ...ends }),
);

const memory = fc.record({
  deleted: fc.constant(false as const),
  namespace: text,
  key: text,
  coord: text,
  payload: json,
  text,
  text_given: fc.boolean(),
  ...attributes,
  version: count,
  revision,
  expires_at: nullable(time),
  created_at: time,
  updated_at: time,
});
const event: fc.Arbitrary<MemoryEvent> = fc.oneof(
  fc.record({ type: fc.constant('MemoryStored' as const), command_id: nullable(fc.uuid()), memory }),
  fc.record({
    type: fc.constant('MemoryDeleted' as const),
    command_id: nullable(fc.uuid()),
    namespace: text,
    key: text,
    coord: text,
    version: count,
    revision,
    deleted_at: time,
  }),
  fc.record({
    type: fc.constant('Progress' as const),
    partition: fc.nat({ max: 2 ** 31 - 1 }),
    generation: fc.nat({ max: 8191 }),
    command_position: fc.nat({ max: 2 ** 40 - 1 }),
  }),
);

test('every command comes back from its bytes as it was', async () => {
  await fc.assert(
    fc.asyncProperty(command, async (value) => {
      expect(await codec.decode(await codec.encodeCommand(value))).toEqual(value);
    }),
    { numRuns: 200 },
  );
});

test('every event comes back from its bytes as it was', async () => {
  await fc.assert(
    fc.asyncProperty(event, async (value) => {
      expect(await codec.decode(await codec.encodeEvent(value))).toEqual(value);
    }),
    { numRuns: 200 },
  );
});

test('every command comes back from JSON as it was', async () => {
  await fc.assert(
    fc.asyncProperty(command, async (value) => {
      const flat = { ...value, ...('conditions' in value ? value.conditions : {}), conditions: undefined };
      const topic = 'coord' in value ? TOPICS.memoryCommands : TOPICS.graphCommands;
      const headers = { 'content-type': 'application/json' };
      // The prototype of a parsed object is no part of what it says; the order of names is.
      const decoded = await codec.decode({
        topic,
        key: null,
        value: Buffer.from(JSON.stringify(flat)),
        headers,
      });
      expect(decoded).toEqual(value);
    }),
    { numRuns: 200 },
  );
});

const REFUSALS = ['undecodable_record', 'unknown_schema', 'schema_mismatch'];

test('damaged bytes are decoded or refused, never answered with another error', async () => {
  await fc.assert(
    fc.asyncProperty(command, fc.nat(), fc.nat({ max: 255 }), async (value, place, byte) => {
      const record = await codec.encodeCommand(value);
      record.value.writeUInt8(byte, 5 + (place % (record.value.length - 5)));
      const code = await codec.decode(record).then(
        () => undefined,
        (error: unknown) => (error as { code?: unknown }).code,
      );
      expect([undefined, ...REFUSALS]).toContain(code);
    }),
    { numRuns: 1000 },
  );
});
