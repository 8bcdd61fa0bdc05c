import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startSchemaRegistry } from '@soma/testing';
import { createCodec } from '../codec.js';
import { createCommittedIds } from '../committed-ids/index.js';
import { describeSchemaIds } from '../contract/index.js';
import { SAMPLE_COMMANDS } from '../fixtures/sample-records.js';
import { compileSchema } from '../reader-schemas.js';
import { readPublishedSchemas } from '../published-schemas.js';
import type { RecordSchema } from '../schema-ids.js';
import { TOPICS } from '../topics.js';
import { frame } from '../wire-format.js';
import { createRegistryIds } from './index.js';

type Registry = Awaited<ReturnType<typeof startSchemaRegistry>>;

let shared: Registry;
beforeAll(async () => {
  shared = await startSchemaRegistry();
});
afterAll(() => shared.stop());

const SUBJECT = 'memory.commands-DeleteMemory';
const [deleteMemory] = SAMPLE_COMMANDS.filter((command) => command.type === 'DeleteMemory');
if (deleteMemory === undefined) throw new Error('no sample of DeleteMemory');

/** The contract's suite, which runs first, registers every version in its order. */
const published = readPublishedSchemas().filter(({ subject }) => subject === SUBJECT);

function deleteSchema(): RecordSchema {
  const found = published.at(-1);
  if (found === undefined) throw new Error(`${SUBJECT} is not published`);
  return found.schema;
}

function withField(schema: RecordSchema, field: RecordSchema['fields'][number]): RecordSchema {
  return { ...schema, fields: [...schema.fields, field] };
}

describeSchemaIds('registry', () => createRegistryIds({ url: shared.url }));

describe('against a registry', () => {
  test('registers under the record’s subject, FULL_TRANSITIVE', async () => {
    const ids = createRegistryIds({ url: shared.url });
    const id = await ids.idOf(SUBJECT, deleteSchema());
    const latest = await fetch(`${shared.url}/subjects/${SUBJECT}/versions/latest`);
    expect(await latest.json()).toMatchObject({ subject: SUBJECT, version: published.length, id });
    const config = await fetch(`${shared.url}/config/${SUBJECT}`);
    expect(await config.json()).toEqual({ compatibilityLevel: 'FULL_TRANSITIVE' });
  });

  test('refuses a schema that breaks compatibility', async () => {
    const ids = createRegistryIds({ url: shared.url });
    await ids.idOf(SUBJECT, deleteSchema());
    const broken = withField(deleteSchema(), { name: 'reason', type: 'string' });
    await expect(ids.idOf(SUBJECT, broken)).rejects.toMatchObject({
      code: 'schema_mismatch',
      retryable: false,
    });
  });

  test('reads what a newer writer wrote, leaving out what it added', async () => {
    const ids = createRegistryIds({ url: shared.url });
    await ids.idOf(SUBJECT, deleteSchema());
    const newer = withField(deleteSchema(), {
      name: 'reason',
      type: { type: 'array', items: 'string' },
      default: [],
    });
    const id = await ids.idOf(SUBJECT, newer);
    const { conditions, ...fields } = deleteMemory;
    const avro = compileSchema(newer).toBuffer({ ...fields, ...conditions, reason: ['why', 'not'] });
    const codec = createCodec({ ids: createRegistryIds({ url: shared.url }) });
    const topic = TOPICS.memoryCommands;
    expect(await codec.decode({ topic, key: null, value: frame(id, avro), headers: {} })).toEqual(
      deleteMemory,
    );
  });

  test('refuses records that are none of ours', async () => {
    const ids = createRegistryIds({ url: shared.url });
    const id = await ids.idOf('other-topic-value', { type: 'record', name: 'acme.Order', fields: [] });
    const codec = createCodec({ ids });
    const record = {
      topic: TOPICS.memoryCommands,
      key: null,
      value: frame(id, Buffer.alloc(0)),
      headers: {},
    };
    await expect(codec.decode(record)).rejects.toMatchObject({ code: 'schema_mismatch' });
  });

  test('a codec on committed ids does not share its numbers', async () => {
    const codec = createCodec({ ids: createRegistryIds({ url: shared.url }) });
    const record = await codec.encodeCommand(deleteMemory);
    expect(await codec.decode(record)).toEqual(deleteMemory);
    const committed = await createCodec({ ids: createCommittedIds() }).encodeCommand(deleteMemory);
    expect(record.value.subarray(5)).toEqual(committed.value.subarray(5));
  });
});

describe('when the registry is out', () => {
  test('what was seen goes on, what is new waits, and all is well after its return', async () => {
    const registry = await startSchemaRegistry();
    const codec = createCodec({ ids: createRegistryIds({ url: registry.url, timeoutMs: 500 }) });
    const seen = await codec.encodeCommand(deleteMemory);
    await codec.decode(seen);
    await registry.stop();

    expect(await codec.decode(await codec.encodeCommand(deleteMemory))).toEqual(deleteMemory);
    const unseen = { ...seen, value: frame(99, seen.value.subarray(5)) };
    const unavailable = { code: 'schema_registry_unavailable', retryable: true };
    await expect(codec.decode(unseen)).rejects.toMatchObject(unavailable);
    const [store] = SAMPLE_COMMANDS;
    if (store === undefined) throw new Error('no samples');
    await expect(codec.encodeCommand(store)).rejects.toMatchObject(unavailable);

    const again = await startSchemaRegistry({ port: Number(new URL(registry.url).port) });
    try {
      // The stand-in forgets; a real registry has what it had.
      await createRegistryIds({ url: again.url }).idOf(SUBJECT, deleteSchema());
      await expect(codec.decode(unseen)).rejects.toMatchObject({ code: 'unknown_schema' });
      expect(await codec.decode(await codec.encodeCommand(store))).toEqual(store);
    } finally {
      await again.stop();
    }
  });

  let stopServer: (() => Promise<void>) | undefined;
  afterEach(() => stopServer?.());
  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stopServer = () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test.each([
    ['something else answers 404', 404, '<html>not here</html>'],
    ['a right is missing', 403, '{"error_code":40301,"message":"forbidden"}'],
    ['it has no leader', 500, '{"error_code":50003,"message":"no leader"}'],
    ['something else answers 200', 200, '<html>hello</html>'],
  ])('nothing is given up: %s', async (_, status, body) => {
    const url = await serve((_request, response) => response.writeHead(status).end(body));
    const ids = createRegistryIds({ url });
    const unavailable = { code: 'schema_registry_unavailable', retryable: true };
    await expect(ids.schemaOf(1)).rejects.toMatchObject(unavailable);
    await expect(ids.idOf(SUBJECT, deleteSchema())).rejects.toMatchObject(unavailable);
  });

  test('an answer that never comes is an outage after the timeout', async () => {
    const url = await serve(() => undefined);
    const ids = createRegistryIds({ url, timeoutMs: 50 });
    await expect(ids.schemaOf(1)).rejects.toMatchObject({ code: 'schema_registry_unavailable' });
  });

  test('one question is asked once, however many wait; an unknown id again after its time', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.writeHead(404, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
      response.end('{"error_code":40403,"message":"Schema 7 not found"}');
    });
    const patient = createRegistryIds({ url });
    const answers = await Promise.allSettled([patient.schemaOf(7), patient.schemaOf(7), patient.schemaOf(7)]);
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await expect(patient.schemaOf(7)).rejects.toMatchObject({ code: 'unknown_schema' });
    expect(asked).toBe(1);

    const eager = createRegistryIds({ url, unknownForMs: 0 });
    await expect(eager.schemaOf(7)).rejects.toMatchObject({ code: 'unknown_schema' });
    await expect(eager.schemaOf(7)).rejects.toMatchObject({ code: 'unknown_schema' });
    expect(asked).toBe(3);
  });

  test('a schema is asked for once, however many writers wait for its id', async () => {
    const asked: unknown[] = [];
    const url = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(200, { 'content-type': 'application/vnd.schemaregistry.v1+json' }).end('{"id":5}');
    });
    const ids = createRegistryIds({ url });
    const answers = [1, 2, 3].map(() => ids.idOf(SUBJECT, deleteSchema()));
    expect(await Promise.all(answers)).toEqual([5, 5, 5]);
    expect(await ids.idOf(SUBJECT, deleteSchema())).toBe(5);
    expect(asked).toEqual([`POST /subjects/${SUBJECT}`]);
  });

  test('credentials in the address are sent as such and shown nowhere', async () => {
    const sent: unknown[] = [];
    const url = await serve((request, response) => {
      sent.push(request.headers.authorization);
      response.writeHead(500).end('{}');
    });
    const ids = createRegistryIds({ url: url.replace('//', '//soma:pass%20word@') });
    const error: unknown = await ids.schemaOf(1).catch((reason: unknown) => reason);
    expect(sent).toEqual([`Basic ${Buffer.from('soma:pass word').toString('base64')}`]);
    const { message, cause } = error as Error;
    expect(`${message} ${JSON.stringify(cause)} ${String(cause)}`).not.toMatch(/pass(%20| )word/);
  });
});
