import { describe, expect, test } from '@jest/globals';
import { isSomaError, type ErrorCode, type StoreMemory } from '@soma/memory';
import { createCodec, type EncodedRecord, type RecordToDecode } from './codec.js';
import { createCommittedIds } from './committed-ids/index.js';
import type { MemoryEvent } from './event.js';
import { goldenFiles, readGolden } from './fixtures/golden.js';
import { SAMPLE_COMMANDS, SAMPLE_EVENTS } from './fixtures/sample-records.js';
import { readPublishedSchemas } from './published-schemas.js';
import { RECORD_NAMES, type CodecValue } from './record-names.js';
import type { SchemaIds } from './schema-ids.js';
import { MAX_RECORD_BYTES, TOPICS, type Topic } from './topics.js';

const codec = createCodec({ ids: createCommittedIds() });

const SAMPLES: CodecValue[] = [...SAMPLE_COMMANDS, ...SAMPLE_EVENTS];

function encode(value: CodecValue): Promise<EncodedRecord> {
  return isEvent(value) ? codec.encodeEvent(value) : codec.encodeCommand(value);
}

function isEvent(value: CodecValue): value is MemoryEvent {
  return SAMPLE_EVENTS.some(({ type }) => type === value.type);
}

async function refusalOf(record: RecordToDecode): Promise<{ code: ErrorCode; message: string }> {
  try {
    await codec.decode(record);
  } catch (error) {
    if (isSomaError(error)) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('the record was decoded');
}

function sample<Name extends CodecValue['type']>(name: Name): Extract<CodecValue, { type: Name }> {
  const found = SAMPLES.find((value): value is Extract<CodecValue, { type: Name }> => value.type === name);
  if (found === undefined) throw new Error(`no sample of ${name}`);
  return found;
}

describe('every record', () => {
  test('has a sample and golden bytes for each published version', () => {
    expect(SAMPLES.map(({ type }) => type).sort()).toEqual([...RECORD_NAMES].sort());
    const versions = readPublishedSchemas().map(({ schema, version }) => `${schema.name}.v${version}.json`);
    expect(goldenFiles()).toEqual(expect.arrayContaining(versions));
  });

  test.each(SAMPLES)('comes back as it went: $type', async (value) => {
    expect(await codec.decode(await encode(value))).toEqual(value);
  });

  test.each(SAMPLES)('is made of plain objects: $type', async (value) => {
    expect(await codec.decode(await encode(value))).toStrictEqual(value);
  });

  test('names itself and its command in the headers', async () => {
    const { headers } = await codec.encodeCommand(sample('StoreMemory'));
    expect(headers).toEqual({
      'record-type': 'StoreMemory',
      'command-id': '0190c1a0-5c1b-7e1e-8a55-3c8f1d2e4b6a',
      issuer: 'token:agent-7',
    });
  });

  test('goes under the canonical key; Progress to the partition it tells of', async () => {
    expect(await codec.encodeCommand(sample('StoreMemory'))).toMatchObject({
      topic: 'memory.commands',
      key: 'team-a/42,17',
    });
    expect(await codec.encodeCommand(sample('LinkMemories'))).toMatchObject({
      topic: 'graph.commands',
      key: 'team-a/42,17',
    });
    expect(await codec.encodeEvent(sample('MemoryStored'))).toMatchObject({
      topic: 'memory.events',
      key: 'team-a/42,17',
    });
    expect(await codec.encodeEvent(sample('Progress'))).toMatchObject({
      topic: 'memory.events',
      key: null,
      partition: 11,
    });
  });
});

describe('golden bytes', () => {
  interface Golden {
    topic: Topic;
    key: string | null;
    hex: string;
    says: CodecValue;
  }
  const records = goldenFiles().filter((file) => /\.v\d+\.json$/.test(file));

  test.each(records)('%s still means the same', async (file) => {
    const { topic, key, hex, says } = readGolden(file) as Golden;
    const decoded = await codec.decode({ topic, key, value: Buffer.from(hex, 'hex'), headers: {} });
    expect(decoded).toEqual(says);
  });

  test.each(SAMPLES)('are what the newest version of $type is written as', async (value) => {
    const newest = readPublishedSchemas().findLast(({ schema }) => schema.name === value.type);
    const { hex, says } = readGolden(`${value.type}.v${newest?.version}.json`) as Golden;
    expect((await encode(says)).value.toString('hex')).toBe(hex);
  });
});

describe('bytes that are no record', () => {
  const topic = TOPICS.memoryCommands;
  const decodeBytes = (value: Buffer | null) => refusalOf({ topic, key: null, value, headers: {} });

  test('are undecodable without value, wire format, end or beginning', async () => {
    const { value } = await codec.encodeCommand(sample('DeleteMemory'));
    expect(await decodeBytes(null)).toMatchObject({ code: 'undecodable_record' });
    expect(await decodeBytes(Buffer.alloc(0))).toMatchObject({ code: 'undecodable_record' });
    expect(await decodeBytes(value.subarray(0, 3))).toMatchObject({ code: 'undecodable_record' });
    expect(await decodeBytes(value.subarray(0, -1))).toMatchObject({ code: 'undecodable_record' });
    expect(await decodeBytes(Buffer.concat([value, Buffer.of(0)]))).toMatchObject({
      code: 'undecodable_record',
    });
    const json = await decodeBytes(Buffer.from('{"type":"DeleteMemory"}'));
    expect(json).toMatchObject({
      code: 'undecodable_record',
      message: expect.stringContaining('content-type'),
    });
  });

  test('have an unknown schema when nobody gave their id', async () => {
    expect(await decodeBytes(Buffer.of(0, 0, 1, 0, 0, 7))).toMatchObject({ code: 'unknown_schema' });
  });

  test('do not belong in a topic of other records, but may be looked at as dead letters', async () => {
    const { value, key, headers } = await codec.encodeCommand(sample('LinkMemories'));
    expect(await refusalOf({ topic, key, value, headers })).toMatchObject({ code: 'schema_mismatch' });
    expect(await codec.decode({ topic: TOPICS.deadLetters, key, value, headers })).toEqual(
      sample('LinkMemories'),
    );
  });

  test('are too large above the topics’ limit', async () => {
    expect(await decodeBytes(Buffer.alloc(MAX_RECORD_BYTES + 1))).toMatchObject({ code: 'record_too_large' });
  });

  test('have no JSON, or JSON that would be altered, where JSON text stands', async () => {
    const { value } = await codec.encodeCommand({ ...sample('PatchMemory'), patch: { text: '#' } });
    const withPatch = (json: string) => {
      const [before, after] = splitAround(value, '{"text":"#"}');
      return Buffer.concat([before, Buffer.of(json.length * 2), Buffer.from(json), after]);
    };
    expect(await codec.decode({ topic, key: null, value: withPatch('{"a":1}'), headers: {} })).toMatchObject({
      patch: { a: 1 },
    });
    for (const json of ['{"a":1', '[]', '{"a":1,"a":2}', '{"a":9007199254740993}', '{"a":"\\u0000"}']) {
      expect(await decodeBytes(withPatch(json))).toMatchObject({ code: 'undecodable_record' });
    }
  });

  test('name their command by a UUID, of which case is no part', async () => {
    const upper = { ...sample('DeleteMemory'), command_id: sample('DeleteMemory').command_id.toUpperCase() };
    expect(await codec.decode(await codec.encodeCommand(upper))).toEqual(sample('DeleteMemory'));
    const wrong = await codec.encodeCommand({ ...sample('DeleteMemory'), command_id: 'first' });
    expect(await refusalOf(wrong)).toMatchObject({ code: 'undecodable_record' });
  });

  test('cannot be written, and the refusal names the place without the value', async () => {
    const wrong = { ...sample('StoreMemory'), tags: ['tea', 7] as unknown as string[] };
    await expect(codec.encodeCommand(wrong)).rejects.toMatchObject({
      code: 'schema_mismatch',
      message: 'StoreMemory does not fit its schema at tags.1',
    });
  });
});

/** The bytes before an Avro string's one-byte length and after its end. */
function splitAround(bytes: Buffer, string: string): [Buffer, Buffer] {
  const at = bytes.indexOf(string);
  return [bytes.subarray(0, at - 1), bytes.subarray(at + string.length)];
}

describe('a record in JSON', () => {
  const ID = '0190c1a0-5c1b-7e1e-8a55-3c8f1d2e4b6a';
  const json = (value: unknown, headers: Record<string, string> = {}): RecordToDecode => ({
    topic: TOPICS.memoryCommands,
    key: null,
    value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
    headers: { 'content-type': 'application/json', ...headers },
  });
  const smallest = { type: 'StoreMemory', command_id: ID, namespace: 'default', coord: 'a' };

  test('takes the schema’s defaults for what it leaves out', async () => {
    const expected: StoreMemory = {
      type: 'StoreMemory',
      command_id: ID,
      namespace: 'default',
      coord: 'a',
      request_hash: null,
      issued_at: 0,
      issuer: '',
      bound_to_user: null,
      conditions: { if_exists: false, if_absent: false, if_match: null },
      payload: {},
      text: null,
      memory_type: 'episodic',
      user_id: null,
      agent_id: null,
      thread_id: null,
      actor: null,
      tags: [],
      importance: 0.5,
      occurred_at: null,
      ttl_seconds: null,
      expires_at: null,
    };
    expect(await codec.decode(json(smallest))).toStrictEqual(expected);
  });

  test('does not share its defaults with the next record', async () => {
    const first = (await codec.decode(json(smallest))) as StoreMemory;
    first.tags.push('mine');
    expect(await codec.decode(json(smallest))).toMatchObject({ tags: [] });
  });

  test('may hold JSON fields as objects or as text', async () => {
    expect(await codec.decode(json({ ...smallest, payload: { a: 1 } }))).toMatchObject({ payload: { a: 1 } });
    expect(await codec.decode(json({ ...smallest, payload: '{"a":1}' }))).toMatchObject({
      payload: { a: 1 },
    });
  });

  test('may be named by header or by field, with a charset in its content type', async () => {
    const { type, ...unnamed } = smallest;
    const headers = { 'record-type': type, 'content-type': 'Application/JSON; charset=utf-8' };
    expect(await codec.decode(json(unnamed, headers))).toMatchObject({ type });
    expect(await codec.decode(json(smallest, headers))).toMatchObject({ type });
  });

  test('flattens conditions', async () => {
    const decoded = await codec.decode(json({ ...smallest, if_absent: true, if_match: [{ version: 1 }] }));
    expect(decoded).toMatchObject({
      conditions: { if_exists: false, if_absent: true, if_match: [{ version: 1, revision: null }] },
    });
  });

  const refused: [string, unknown, ErrorCode][] = [
    ['not JSON', '{"type":', 'undecodable_record'],
    ['not an object', '[]', 'undecodable_record'],
    ['with a name twice', `{"type":"DeleteMemory","type":"StoreMemory"}`, 'undecodable_record'],
    ['without a type', { command_id: ID }, 'unknown_schema'],
    ['of a type that is none', { ...smallest, type: 'constructor' }, 'unknown_schema'],
    ['of a type of another topic', { ...smallest, type: 'Progress' }, 'schema_mismatch'],
    ['with an unknown field', { ...smallest, cord: 'b' }, 'schema_mismatch'],
    [
      'with a field named like a property of every object',
      { ...smallest, constructor: 1 },
      'schema_mismatch',
    ],
    ['without a required field', { ...smallest, coord: undefined }, 'schema_mismatch'],
    ['with a number for a string', { ...smallest, coord: 42 }, 'schema_mismatch'],
    ['with a fraction for a whole number', { ...smallest, issued_at: 1.5 }, 'schema_mismatch'],
    ['with null where null may not stand', { ...smallest, tags: null }, 'schema_mismatch'],
    ['with a wrong item', { ...smallest, tags: ['a', 1] }, 'schema_mismatch'],
    [
      'with an unknown field in an item',
      { ...smallest, if_match: [{ version: 1, at: 2 }] },
      'schema_mismatch',
    ],
    ['with an array for JSON text', { ...smallest, payload: [] }, 'schema_mismatch'],
    ['with JSON text that is no object', { ...smallest, payload: '[1]' }, 'undecodable_record'],
    ['with an id that is no UUID', { ...smallest, command_id: 'x' }, 'undecodable_record'],
  ];
  test.each(refused)('is refused: %s', async (_, value, code) => {
    expect(await refusalOf(json(value))).toMatchObject({ code });
  });

  test('is refused when header and field name different records', async () => {
    expect(await refusalOf(json(smallest, { 'record-type': 'DeleteMemory' }))).toMatchObject({
      code: 'schema_mismatch',
    });
  });

  test('is refused when it is not UTF-8', async () => {
    const value = Buffer.concat([Buffer.from('{"type":"'), Buffer.of(0xff), Buffer.from('"}')]);
    expect(await refusalOf({ ...json(smallest), value })).toMatchObject({ code: 'undecodable_record' });
  });

  test('never shows its values in a refusal', async () => {
    const secret = 'hunter2';
    for (const fields of [
      { coord: { secret } },
      { [secret]: 1 },
      { payload: secret },
      { command_id: secret },
    ]) {
      expect((await refusalOf(json({ ...smallest, ...fields }))).message).not.toContain(secret);
    }
  });
});

describe('asking for schema ids', () => {
  test('happens once per record written and once per id read', async () => {
    const asked: (string | number)[] = [];
    const committed = createCommittedIds();
    const ids: SchemaIds = {
      idOf: (subject, schema) => {
        asked.push(subject);
        return committed.idOf(subject, schema);
      },
      schemaOf: (id) => {
        asked.push(id);
        return committed.schemaOf(id);
      },
    };
    const counted = createCodec({ ids });
    for (let round = 0; round < 3; round += 1) {
      await counted.decode(await counted.encodeCommand(sample('StoreMemory')));
    }
    expect(asked).toEqual(['memory.commands-StoreMemory', 10]);
  });
});
