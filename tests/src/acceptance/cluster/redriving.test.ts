import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { HEADERS, recordKey, TOPICS, type Topic } from '@soma/events';
import {
  DEFAULT_ATTRIBUTES,
  NO_CONDITIONS,
  type Command,
  type CommandEnvelope,
  type LinkMemories,
  type StoreMemory,
} from '@soma/memory';
import { until } from '../../system/index.js';
import { Client } from '../client.js';
import { expectProblem } from '../expect-problem.js';
import { Operator, type DeadLetterEntry } from '../operator.js';
import { FutureSchema } from './future-schema.js';
import { KafkaDoor } from './kafka-door.js';

const LIMIT_MS = 60_000;
const operator = new Operator();

let door: KafkaDoor;
beforeAll(async () => {
  door = await KafkaDoor.open();
});
afterAll(() => door.close());

interface Refused {
  client: Client;
  command: Command;
  schema: FutureSchema;
  letter: DeadLetterEntry;
}

/** A command that was refused because its schema was not registered yet. */
async function refuse(client: Client, topic: Topic, command: Command): Promise<Refused> {
  const schema = await FutureSchema.pick();
  const value = await schema.encode(command);
  const headers = { [HEADERS.commandId]: command.command_id };
  await door.send(topic, { key: recordKey(client.namespace, 'm'), value, headers });
  return { client, command, schema, letter: await newestLetter(client) };
}

function envelopeOf(client: Client): CommandEnvelope {
  return {
    command_id: randomUUID(),
    namespace: client.namespace,
    request_hash: null,
    issued_at: Date.now(),
    issuer: 'another system',
    bound_to_user: null,
  };
}

async function refusedCommand(): Promise<Refused> {
  const client = new Client();
  const command: StoreMemory = {
    type: 'StoreMemory',
    ...envelopeOf(client),
    ...DEFAULT_ATTRIBUTES,
    coord: 'm',
    conditions: NO_CONDITIONS,
    payload: { text: 'sent too early' },
    text: null,
    ttl_seconds: null,
    expires_at: null,
  };
  return refuse(client, TOPICS.memoryCommands, command);
}

async function newestLetter(client: Client): Promise<DeadLetterEntry> {
  return until('the dead letter', LIMIT_MS, async () => {
    return (await operator.letters({ namespace: client.namespace, status: 'open' }))[0];
  });
}

/** Follows a redriven command to its end. */
async function endOf(client: Client, location: string | null) {
  return until('the end of the operation', LIMIT_MS, async () => {
    const { body } = await client.call<{ status: string; version: number | null }>('GET', location ?? '');
    return body.status !== 'accepted' && body;
  });
}

/** Redrives until the writer has heard of the schema; it remembers for some seconds what the registry did not know. */
async function redriveUntilStored(client: Client, force = false) {
  let version: number | null = null;
  let rounds = 0;
  await until('the command to be carried out', LIMIT_MS, async () => {
    const { id } = await newestLetter(client);
    const answer = await operator.redrive(id, force);
    expect(answer.status).toBe(202);
    rounds += 1;
    const end = await endOf(client, answer.headers.get('location'));
    version = end.version;
    return end.status === 'stored' || end.status === 'indexed';
  });
  return { version, rounds };
}

test('a command whose refusal was mended is carried out under its own id, once', async () => {
  const { client, command, schema, letter } = await refusedCommand();
  expect(letter.code).toBe('unknown_schema');
  await schema.register();
  const { version } = await redriveUntilStored(client);
  expect(version).toBe(1);
  expect((await client.get('m')).body.memory).toMatchObject({ version: 1, text: 'sent too early' });
  expect((await operator.show(letter.id)).body.dead_letter).toMatchObject({
    status: 'redriven',
    changed_by: expect.any(String),
  });
  expectProblem(await operator.redrive(letter.id), 409, 'already_settled');
  const [last] = await operator.letters({ namespace: client.namespace, status: 'redriven' });
  expect(last?.command_id).toBe(command.command_id);

  // A forced repeat is sent and has no effect: the id has its outcome.
  const again = await operator.redrive(last?.id ?? 0, true);
  expect(again.status).toBe(202);
  await endOf(client, again.headers.get('location'));
  expect((await client.put('m', { payload: { n: 2 } })).body.version).toBe(2);
});

test('a command that is refused again is a new dead letter, and its operation ends there', async () => {
  const { client, command, letter } = await refusedCommand();
  const answer = await operator.redrive(letter.id);
  const location = answer.headers.get('location');
  expect(location).toContain(command.command_id);
  expect(await endOf(client, location)).toMatchObject({ status: 'dead_lettered' });
  const next = await newestLetter(client);
  expect(next.id).not.toBe(letter.id);
  expect(next).toMatchObject({ command_id: command.command_id, code: 'unknown_schema' });
  expect((await operator.show(next.id)).body.dead_letter.headers).toMatchObject({
    [HEADERS.redriveOf]: `${TOPICS.memoryCommands}/1/${letter.partition}/${letter.position}`,
  });
  // The old one names an end that is no more: sending it again changes nothing.
  const stale = await operator.redrive(letter.id, true);
  expect(await endOf(client, stale.headers.get('location'))).toMatchObject({ status: 'dead_lettered' });
});

test('a command that would overwrite a newer memory is refused, unless forced', async () => {
  const { client, schema, letter } = await refusedCommand();
  await client.put('m', { payload: { text: 'newer' } });
  await schema.register();
  expect((await operator.show(letter.id)).body.dead_letter.current).toMatchObject({
    version: 1,
    newer: true,
  });
  const refused = await operator.redrive(letter.id);
  expect(expectProblem(refused, 412, 'version_conflict').detail).toContain('version 1');
  expect((await client.get('m')).body.memory).toMatchObject({ version: 1, text: 'newer' });
  expect(await redriveUntilStored(client, true)).toMatchObject({ version: 2 });
  expect((await client.get('m')).body.memory).toMatchObject({ text: 'sent too early' });
});

test('a link is redriven as a memory is, and compared with the link of today', async () => {
  const client = new Client();
  for (const coord of ['m', 'n']) await client.put(coord, { payload: {} });
  const command: LinkMemories = {
    type: 'LinkMemories',
    ...envelopeOf(client),
    from_coord: 'm',
    to_coord: 'n',
    link_type: 'related',
    weight: 5,
    properties: {},
  };
  const { schema, letter } = await refuse(client, TOPICS.graphCommands, command);
  expect(letter).toMatchObject({ group: 'graph', code: 'unknown_schema', coord: 'm' });
  await schema.register();
  await redriveUntilStored(client);
  const weight = async () => {
    const answer = await client.call<{ links: { weight: number }[] }>('GET', '/graph/neighbors?coord=m');
    return answer.body.links[0]?.weight;
  };
  expect(await weight()).toBe(5);
  await client.call('POST', '/graph/links', { json: { from_coord: 'm', to_coord: 'n', weight: 7 } });
  const current = (await operator.show(letter.id)).body.dead_letter.current;
  expect(current).toMatchObject({ version: 2, newer: true });
  expect(await weight()).toBe(7);
});

test('a discarded letter stays listed and is not sent', async () => {
  const { client, letter } = await refusedCommand();
  expect((await operator.discard(letter.id)).body.dead_letter).toMatchObject({ status: 'discarded' });
  expectProblem(await operator.discard(letter.id), 409, 'already_settled');
  expectProblem(await operator.redrive(letter.id), 409, 'already_settled');
  expect(await operator.letters({ namespace: client.namespace })).toHaveLength(1);
  expect((await client.get('m')).status).toBe(404);
});
