import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  DEFAULT_ATTRIBUTES,
  NO_CONDITIONS,
  revisionOf,
  SomaError,
  type MemoryState,
  type StoreMemory,
} from '@soma/memory';
import * as shapes from '../schemas/dead-letters.js';
import { startGateway, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
let call: RunningGateway['call'];
let addLetter: RunningGateway['workers']['addLetter'];
beforeEach(async () => {
  running = await startGateway();
  call = running.call;
  addLetter = running.workers.addLetter.bind(running.workers);
});
afterEach(() => running.stop());

const COMMAND_ID = '4b1c9f6e-7a52-4d0e-9c3b-0d1e2f3a4b5c';
const command: StoreMemory = {
  type: 'StoreMemory',
  command_id: COMMAND_ID,
  namespace: 'default',
  request_hash: null,
  issued_at: 1_700_000_000_000,
  issuer: 'somebody',
  bound_to_user: null,
  ...DEFAULT_ATTRIBUTES,
  coord: 'm',
  conditions: NO_CONDITIONS,
  payload: { a: 1 },
  text: null,
  ttl_seconds: null,
  expires_at: null,
};
const value = Buffer.from(JSON.stringify(command));

const list = async (query = '') => {
  const answer = await call('GET', `/admin/dead-letters${query}`);
  expect(answer.status).toBe(200);
  return shapes.deadLettersAnswer.parse(answer.json);
};
const show = async (id = 1) => {
  const answer = await call('GET', `/admin/dead-letters/${id}`);
  expect(answer.status).toBe(200);
  return shapes.deadLetterAnswer.parse(answer.json).dead_letter;
};
const redrive = (id = 1, body: object = {}) => call('POST', `/admin/dead-letters/${id}/redrive`, { body });
const discard = (id = 1) => call('POST', `/admin/dead-letters/${id}/discard`);

/** Puts a memory, as the command at a position of memory.commands after those of the letters so far. */
function memoryAt(position: number, deleted = false): void {
  const identity = { namespace: 'default', key: 'm', coord: 'm' };
  const moment = { version: 3, revision: revisionOf(1, position), updated_at: 1_700_000_100_000 };
  const content = { payload: {}, text: '', text_given: false, created_at: 1_700_000_000_000 };
  const state: MemoryState = deleted
    ? { ...identity, ...moment, deleted }
    : { ...identity, ...moment, deleted, ...DEFAULT_ATTRIBUTES, ...content, expires_at: null };
  running.workers.states.set('default/m', state);
}

describe('the list of dead letters', () => {
  test('has those of every namespace, newest first, without what the records hold', async () => {
    addLetter();
    addLetter({ namespace: 'other', value: Buffer.from('secret words') });
    const answer = await call('GET', '/admin/dead-letters');
    const { dead_letters, next_cursor } = shapes.deadLettersAnswer.parse(answer.json);
    expect(dead_letters.map(({ id, namespace }) => [id, namespace])).toEqual([
      [2, 'other'],
      [1, 'default'],
    ]);
    expect(next_cursor).toBeNull();
    expect(dead_letters[0]).not.toHaveProperty('headers');
    expect(answer.text).not.toContain(Buffer.from('secret words').toString('base64'));
  });

  test.each([
    ['status', 'discarded'],
    ['group', 'indexer'],
    ['code', 'unknown_schema'],
    ['topic', 'graph.commands'],
    ['namespace', 'Not A Namespace'],
  ])('is narrowed by %s', async (name, wanted) => {
    addLetter();
    addLetter({ [name]: wanted });
    const { dead_letters } = await list(`?${new URLSearchParams({ [name]: wanted }).toString()}`);
    expect(dead_letters.map(({ id }) => id)).toEqual([2]);
  });

  test('comes in pages that belong to their filters', async () => {
    for (let n = 0; n < 5; n += 1) addLetter();
    const first = await list('?limit=2&code=schema_mismatch');
    const cursor = first.next_cursor ?? '';
    // Another limit is the same query.
    const second = await list(`?limit=3&code=schema_mismatch&cursor=${cursor}`);
    expect([...first.dead_letters, ...second.dead_letters].map(({ id }) => id)).toEqual([5, 4, 3, 2, 1]);
    expect(second.next_cursor).toBeNull();
    for (const query of [`?cursor=${cursor}`, '?cursor=nonsense', '?code=schema_mismatch&cursor=']) {
      const answer = await call('GET', `/admin/dead-letters${query}`);
      expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_cursor' } });
    }
  });

  test.each(['?status=closed', '?limit=201', '?limit=0', '?coord=m', '?group='])(
    'refuses %s',
    async (query) => {
      const answer = await call('GET', `/admin/dead-letters${query}`);
      expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    },
  );
});

describe('a dead letter', () => {
  test('is shown with its bytes and with what they say', async () => {
    addLetter({ value, headers: { traceparent: '00-1' } });
    expect(await show()).toMatchObject({
      key: 'default/m',
      headers: { traceparent: '00-1' },
      value_base64: value.toString('base64'),
      record: { type: 'StoreMemory', payload: { a: 1 } },
      decode_error: null,
      current: null,
    });
  });

  test('that cannot be read says why', async () => {
    addLetter({ value: Buffer.from([0, 255]) });
    expect(await show()).toMatchObject({
      value_base64: 'AP8=',
      record: null,
      decode_error: { code: 'undecodable_record', detail: 'not JSON' },
    });
  });

  test.each([
    ['older', 0, false],
    ['newer', 9, true],
  ])('shows the memory as it is now: %s', async (_, position, newer) => {
    addLetter({ value });
    memoryAt(position);
    expect((await show()).current).toEqual({
      version: 3,
      revision: revisionOf(1, position),
      deleted: false,
      updated_at: '2023-11-14T22:15:00.000Z',
      newer,
    });
  });

  test.each(['2', '0', '-1', '1.0', 'x', '9007199254740993'])('%s is not there', async (id) => {
    addLetter();
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/discard'],
      ['POST', '/redrive'],
    ] as const) {
      const answer = await call(method, `/admin/dead-letters/${id}${path}`, {
        body: method === 'GET' ? undefined : {},
      });
      expect(answer).toMatchObject({ status: 404, json: { code: 'dead_letter_not_found' } });
    }
  });
});

describe('redriving', () => {
  test('sends the record as it was under the header that names its refusal, and tells how to follow it', async () => {
    addLetter({ value, headers: { 'command-id': COMMAND_ID, 'redrive-of': 'memory.commands/1/0/0' } });
    running.workers.paused = true;
    const answer = await redrive();
    expect(answer.status).toBe(202);
    expect(shapes.redrivenAnswer.parse(answer.json)).toMatchObject({
      dead_letter: {
        id: 1,
        status: 'redriven',
        changed_by: 'api-token',
        redriven_to: { generation: 1, partition: 0, position: 0 },
      },
      operation_id: COMMAND_ID,
    });
    expect(running.log.taken).toMatchObject([
      {
        topic: 'memory.commands',
        command,
        headers: { 'command-id': COMMAND_ID, 'redrive-of': 'memory.commands/1/0/1' },
      },
    ]);
    const location = answer.headers.get('location') ?? '';
    expect((await call('GET', location)).json).toMatchObject({ status: 'accepted' });
    running.workers.resume();
    expect((await call('GET', location)).json).toMatchObject({ status: 'indexed', version: 1 });
  });

  test('is refused when the memory is newer, unless forced', async () => {
    addLetter({ value });
    memoryAt(9);
    const refused = await redrive();
    expect(refused).toMatchObject({ status: 412, json: { code: 'version_conflict' } });
    expect(refused.json['detail']).toContain('version 3');
    expect(await show()).toMatchObject({ status: 'open' });
    expect(await redrive(1, { force: true })).toMatchObject({
      status: 202,
      json: { current: { newer: true } },
    });
  });

  test('is refused when the memory was deleted since', async () => {
    addLetter({ value });
    memoryAt(9, true);
    expect((await redrive()).json['detail']).toContain('deleted');
  });

  test('of what was settled before is refused, unless forced', async () => {
    addLetter({ value });
    expect((await discard()).status).toBe(200);
    expect(await redrive()).toMatchObject({ status: 409, json: { code: 'already_settled' } });
    expect(running.log.taken).toEqual([]);
    expect((await redrive(1, { force: true })).status).toBe(202);
    expect(await redrive()).toMatchObject({ status: 409, json: { code: 'already_settled' } });
  });

  test('of what was erased is refused, forced or not', async () => {
    addLetter({ key: null, value: null, erased_at: 1_700_000_000_000 });
    expect(await redrive(1, { force: true })).toMatchObject({
      status: 409,
      json: { code: 'already_settled' },
    });
    expect(await show()).toMatchObject({ value_base64: null, record: null, decode_error: null });
  });

  test('leaves the letter open when the log does not take the record', async () => {
    addLetter({ value });
    running.log.failure = new SomaError('event_log_unavailable', 'out');
    expect(await redrive()).toMatchObject({ status: 503, json: { code: 'event_log_unavailable' } });
    expect(await show()).toMatchObject({ status: 'open' });
  });

  test('of an event needs no newer memory to be absent, and has no operation', async () => {
    memoryAt(9);
    const letter = { topic: 'memory.events', group: 'indexer', command_id: null, value } as const;
    addLetter(letter);
    const answer = await redrive();
    expect(answer).toMatchObject({ status: 202, json: { operation_id: null } });
    expect(answer.headers.get('location')).toBeNull();
  });

  test('takes nothing but force', async () => {
    addLetter({ value });
    expect((await redrive(1, { forced: true })).status).toBe(400);
    expect((await call('POST', '/admin/dead-letters/1/redrive')).status).toBe(400);
  });
});

describe('discarding', () => {
  test('is done once, and says by whom', async () => {
    addLetter();
    const answer = await discard();
    expect(shapes.discardedAnswer.parse(answer.json).dead_letter).toMatchObject({
      status: 'discarded',
      changed_by: 'api-token',
      redriven_to: null,
    });
    expect(await discard()).toMatchObject({ status: 409, json: { code: 'already_settled' } });
  });
});
