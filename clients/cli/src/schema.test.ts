import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type, type Typed } from './test/typed-line.js';

const SCHEMAS = new URL('../../../schemas/', import.meta.url);
const STORE = {
  type: 'StoreMemory',
  command_id: '0190c1a0-5c1b-7e1e-8a55-3c8f1d2e4b6a',
  namespace: 'default',
  coord: '42.0,17',
  payload: { text: 'green' },
};
const GOOD = { record: 'StoreMemory', topic: 'memory.commands', key: 'default/42,17', problem: null };

/** The bytes of a record, as published. */
function golden(name: string): Buffer {
  const { hex } = JSON.parse(readFileSync(new URL(`golden/${name}.json`, SCHEMAS), 'utf8')) as {
    hex: string;
  };
  return Buffer.from(hex, 'hex');
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soma-schema-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function check(name: string, content: string | Buffer, ...options: string[]): Promise<Typed> {
  await writeFile(join(folder, name), content);
  return type(['schema', 'check', name, '--json', ...options], { folder });
}

const recordsOf = ({ out }: Typed): unknown => (JSON.parse(out) as { records: unknown }).records;

describe('JSON', () => {
  test('an object over several lines is one record', async () => {
    const checked = await check('store.json', JSON.stringify(STORE, null, 2));
    expect(checked.exitCode).toBe(0);
    expect(recordsOf(checked)).toEqual([{ place: 'store.json', partition: 11, ...GOOD }]);
  });

  test('each line is told of by its number, and empty ones are nothing', async () => {
    const lines = [STORE, { ...STORE, coord: '1,' }, { ...STORE, payload: 'green' }].map((record) =>
      JSON.stringify(record),
    );
    const checked = await check('store.jsonl', `${lines.join('\n\n')}\n`);
    expect(checked).toMatchObject({
      exitCode: 1,
      notes: 'soma: 2 of 3 are not as they have to be',
    });
    expect(recordsOf(checked)).toMatchObject([
      { place: 'store.jsonl:1', problem: null },
      { place: 'store.jsonl:3', record: 'StoreMemory', key: null, problem: { code: 'invalid_coord' } },
      { place: 'store.jsonl:5', record: null, problem: { code: 'undecodable_record' } },
    ]);
  });

  test('the header may name the record', async () => {
    const { type: name, ...bare } = STORE;
    const text = JSON.stringify(bare);
    expect(recordsOf(await check('a.json', text, '--type', name))).toMatchObject([GOOD]);
    expect(recordsOf(await check('a.json', text))).toMatchObject([{ problem: { code: 'unknown_schema' } }]);
  });

  test('limits, unknown fields and UTF-8 that is none are found', async () => {
    const large = { ...STORE, payload: { text: 'x'.repeat(300_000) } };
    const cases: [string | Buffer, string][] = [
      [JSON.stringify(large), 'payload_too_large'],
      [JSON.stringify({ ...STORE, tag: 'tea' }), 'schema_mismatch'],
      [JSON.stringify({ ...STORE, coord: undefined }), 'schema_mismatch'],
      [Buffer.from([0x7b, 0xff, 0x7d]), 'undecodable_record'],
    ];
    for (const [content, code] of cases)
      expect(recordsOf(await check('b.json', content))).toMatchObject([{ problem: { code } }]);
  });

  test('the input is read, and keys before a tab are compared', async () => {
    const input = `default/42,17\t${JSON.stringify(STORE)}\ndefault/42.0,17\t${JSON.stringify(STORE)}\n`;
    const checked = await type(['schema', 'check', '-', '--keys', '--json'], { input });
    expect(checked.exitCode).toBe(1);
    expect(recordsOf(checked)).toMatchObject([{ problem: null }, { problem: { code: 'other_key' } }]);
  });
});

describe('Avro', () => {
  const bytes = golden('StoreMemory.v2');
  /** The same record as a registry with ids of its own has it. */
  const registered = Buffer.from(bytes);
  registered.writeUInt32BE(4711, 1);

  let server: Server;
  let asked: { path: string | undefined; login: string | undefined }[];
  beforeAll(async () => {
    const schema = readFileSync(new URL('StoreMemory.v2.avsc', SCHEMAS), 'utf8');
    server = createServer(({ url, headers }, response) => {
      asked.push({ path: url, login: headers.authorization });
      if (url !== '/schemas/ids/4711') response.statusCode = 404;
      response.end(JSON.stringify({ schema }));
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  afterAll(() => void server.close());
  const registry = (): string => `http://u:p%40@127.0.0.1:${(server.address() as AddressInfo).port}`;

  test('a record under a committed id is read; a cut one is not', async () => {
    expect((await check('a.avro', bytes)).exitCode).toBe(0);
    const cut = await check('a.avro', bytes.subarray(0, -1));
    expect(recordsOf(cut)).toMatchObject([{ problem: { code: 'undecodable_record' } }]);
  });

  test('what the services tell is no command', async () => {
    const checked = await check('event.avro', golden('MemoryDeleted.v1'));
    expect(recordsOf(checked)).toMatchObject([
      { record: 'MemoryDeleted', key: null, problem: { code: 'schema_mismatch' } },
    ]);
  });

  test('a registry is asked for the schema of an id', async () => {
    asked = [];
    const options = ['--registry', registry()];
    expect((await check('b.avro', registered, ...options)).exitCode).toBe(0);
    const login = `Basic ${Buffer.from('u:p@').toString('base64')}`;
    expect(asked).toEqual([{ path: '/schemas/ids/4711', login }]);
    const unknown = Buffer.from(registered);
    unknown.writeUInt32BE(1, 1);
    expect(recordsOf(await check('b.avro', unknown, ...options))).toMatchObject([
      { problem: { code: 'unknown_schema', detail: 'the schema registry has no schema 1' } },
    ]);
  });

  test('a registry that does not answer is told of', async () => {
    const checked = await check('c.avro', registered, '--registry', 'http://127.0.0.1:1');
    expect(checked).toMatchObject({
      exitCode: 3,
      notes: 'soma: the schema registry at http://127.0.0.1:1 is not reachable',
    });
  });

  test("a writer's own schema is held against ours", async () => {
    const schema = JSON.parse(readFileSync(new URL('StoreMemory.v1.avsc', SCHEMAS), 'utf8')) as {
      fields: { name: string; type: unknown }[];
    };
    expect((await check('mine.avsc', JSON.stringify(schema))).exitCode).toBe(0);
    const fields = schema.fields.map((field) =>
      field.name === 'coord' ? { ...field, type: 'long' } : field,
    );
    const other = await check('mine.avsc', JSON.stringify({ ...schema, fields }));
    expect(recordsOf(other)).toMatchObject([
      { problem: { code: 'schema_mismatch', detail: 'the schema cannot be read as StoreMemory' } },
    ]);
  });
});

test.each([
  ['nowhere.json', 'soma: nowhere.json cannot be read (ENOENT)'],
  ['-', 'soma: there is no record in what was given'],
])('a file that says nothing is told of: %s', async (name, note) => {
  expect(await type(['schema', 'check', name])).toMatchObject({ exitCode: 2, notes: note });
});
