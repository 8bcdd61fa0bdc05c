import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SomaError, type JsonObject } from '@soma/memory';
import { startGateway, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
let call: RunningGateway['call'];
beforeEach(async () => {
  running = await startGateway();
  call = running.call;
});
afterEach(() => running.stop());

const batch = (operations: unknown[]) => ({ body: { operations } });
const resultsOf = (json: JsonObject) => json['results'] as JsonObject[];

describe('batches', () => {
  test('put, patch and delete, in order, under one token', async () => {
    const answer = await call(
      'POST',
      '/memories/batch',
      batch([
        { op: 'put', coord: 'a', payload: { n: 1 } },
        { op: 'patch', coord: 'a', payload: { m: 2 }, if_version: 1 },
        { op: 'put', coord: 'b', text: 'b', if_absent: true },
        { op: 'delete', coord: 'b' },
        { op: 'delete', coord: 'nothing' },
      ]),
    );
    expect(answer.status).toBe(200);
    expect(resultsOf(answer.json)).toMatchObject([
      { coord: 'a', ok: true, status: 'stored', version: 1 },
      { coord: 'a', version: 2 },
      { coord: 'b', version: 1 },
      { coord: 'b', deleted: true },
      { coord: 'nothing', deleted: false },
    ]);
    expect(answer.headers.get('soma-consistency-token')).toBeTruthy();
    expect((await call('GET', '/memories/a')).json['memory']).toMatchObject({ payload: { n: 1, m: 2 } });
  });

  test('a bad operation spoils no other', async () => {
    const answer = await call(
      'POST',
      '/memories/batch',
      batch([
        { op: 'put', coord: 'good', text: 'x' },
        { op: 'put', coord: '1,,2', text: 'x' },
        { op: 'put', coord: 'typo', txet: 'x' },
        { op: 'fly', coord: 'f' },
        'nonsense',
        { op: 'patch', coord: 'absent', text: 'x' },
        { op: 'put', coord: 'good', text: 'y', if_absent: true },
        { op: 'put', coord: 'big', payload: { x: 'x'.repeat(300_000) } },
      ]),
    );
    expect(answer.status).toBe(200);
    const codes = resultsOf(answer.json).map(
      (result) => (result['error'] as JsonObject | undefined)?.['code'] ?? result['status'],
    );
    expect(codes).toEqual([
      'stored',
      'invalid_coord',
      'invalid_request',
      'invalid_request',
      'invalid_request',
      'memory_not_found',
      'already_exists',
      'payload_too_large',
    ]);
    expect(resultsOf(answer.json)[2]).toEqual({
      coord: 'typo',
      ok: false,
      status: 'rejected',
      error: { code: 'invalid_request', detail: expect.stringContaining('/txet') },
    });
    expect(resultsOf(answer.json)[4]).toMatchObject({ coord: null });
  });

  test('records that the log refuses are told apart; all of them is 503', async () => {
    running.log.failsFor = (command) => 'coord' in command && command.coord === 'b';
    const items = ['a', 'b'].map((coord) => ({ op: 'put', coord, text: 'x' }));
    const some = await call('POST', '/memories/batch', batch(items));
    expect(some).toMatchObject({
      status: 200,
      json: { results: [{ ok: true }, { ok: false, error: { code: 'event_log_unavailable' } }] },
    });
    running.log.failure = new SomaError('event_log_unavailable', 'out');
    expect(await call('POST', '/memories/batch', batch(items))).toMatchObject({
      status: 503,
      json: { code: 'event_log_unavailable' },
    });
  });

  test('what is not done by the deadline is 202, each with the status reached', async () => {
    running.workers.paused = true;
    const answer = await call('POST', '/memories/batch', {
      ...batch([{ op: 'put', coord: 'a', text: 'x' }]),
      headers: { prefer: 'wait=0' },
    });
    expect(answer).toMatchObject({ status: 202, json: { results: [{ ok: true, status: 'accepted' }] } });
  });

  test('no operation, or too many, is 400', async () => {
    expect((await call('POST', '/memories/batch', batch([]))).status).toBe(400);
    const many = Array.from({ length: 501 }, () => ({ op: 'delete', coord: 'a' }));
    expect(await call('POST', '/memories/batch', batch(many))).toMatchObject({
      status: 400,
      json: { errors: [{ pointer: '/operations' }] },
    });
  });

  test('500 operations of one coord apply in order', async () => {
    const items = Array.from({ length: 500 }, (_, n) => ({ op: 'put', coord: 'same', payload: { n } }));
    const answer = await call('POST', '/memories/batch?until=indexed', batch(items));
    expect(resultsOf(answer.json).map(({ version }) => version)).toEqual(items.map((_, n) => n + 1));
    expect(new Set(resultsOf(answer.json).map(({ status }) => status))).toEqual(new Set(['indexed']));
  });
});

describe('messages', () => {
  test('become one memory each, in order and unaltered', async () => {
    const body = {
      messages: [
        { role: 'user', content: 'My name is Ada', name: 'ada', occurred_at: '2024-01-01T00:00:00Z' },
        { role: 'assistant', content: 'Hello Ada', coord: 'reply' },
      ],
      user_id: 'u',
      thread_id: 't',
      tags: ['chat'],
    };
    const answer = await call('POST', '/memories/messages', { body });
    expect(answer.status).toBe(200);
    const coords = resultsOf(answer.json).map(({ coord }) => coord);
    const read = await call('POST', '/memories/get', { body: { coords } });
    expect(read.json['memories']).toMatchObject([
      {
        payload: { role: 'user', content: 'My name is Ada', name: 'ada' },
        text: 'My name is Ada',
        actor: 'ada',
        user_id: 'u',
        thread_id: 't',
        tags: ['chat'],
        occurred_at: '2024-01-01T00:00:00.000Z',
      },
      {
        coord: 'reply',
        payload: { role: 'assistant', content: 'Hello Ada' },
        actor: 'assistant',
        occurred_at: null,
      },
    ]);
  });
});

describe('Idempotency-Key', () => {
  const put = (coord: string, text: string, key = 'k1') =>
    call('POST', '/memories', { body: { coord, text }, headers: { 'idempotency-key': key } });

  test('the same request again has the first outcome, and says so', async () => {
    const first = await put('a', 'x');
    await call('PUT', '/memories/a', { body: { text: 'later' } });
    const again = await put('a', 'x');
    expect(again).toMatchObject({ status: 201, json: first.json });
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('etag')).toBe(first.headers.get('etag'));
    expect((await call('GET', '/memories/a')).json['memory']).toMatchObject({ text: 'later' });
  });

  test('quoted and bare keys are one; a derived coord is the same again', async () => {
    const send = (key: string) =>
      call('POST', '/memories', { body: { text: 'x' }, headers: { 'idempotency-key': key } });
    const [first, again] = [await send('made'), await send('"made"')];
    expect(again.json).toEqual(first.json);
    expect(running.workers.states.size).toBe(1);
  });

  test('another request under the key is 422, also while the first is in flight', async () => {
    running.workers.paused = true;
    const [first, other] = [put('a', 'x'), put('a', 'different')];
    await until(() => running.log.taken.length === 2);
    running.workers.resume();
    const statuses = [(await first).status, (await other).status].sort();
    expect(statuses).toEqual([201, 422]);
    expect(await put('a', 'different again')).toMatchObject({
      status: 422,
      json: { code: 'idempotency_key_reused' },
    });
  });

  test('twins in flight have one effect and one outcome', async () => {
    running.workers.paused = true;
    const twins = [put('a', 'x'), put('a', 'x')];
    await until(() => running.log.taken.length === 2);
    running.workers.resume();
    const answers = await Promise.all(twins);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers.map(({ headers }) => headers.get('idempotency-replayed')).sort()).toEqual([null, 'true']);
  });

  test('a rejection is replayed as well', async () => {
    const send = () =>
      call('PATCH', '/memories/none', { body: { text: 'x' }, headers: { 'idempotency-key': 'rejected' } });
    expect((await send()).status).toBe(404);
    await call('PUT', '/memories/none', { body: { text: 'now there' } });
    const again = await send();
    expect(again).toMatchObject({ status: 404, json: { code: 'memory_not_found' } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  test('under the key of another batch nothing is carried out, not even further operations', async () => {
    const headers = { 'idempotency-key': 'batch' };
    const items = ['a', 'b', 'c'].map((coord) => ({ op: 'put', coord, text: 'x' }));
    await call('POST', '/memories/batch', { ...batch(items.slice(0, 1)), headers });
    const other = await call('POST', '/memories/batch', { ...batch(items), headers });
    expect(other).toMatchObject({ status: 422, json: { code: 'idempotency_key_reused' } });
    expect(running.log.taken).toHaveLength(1);
    const again = await call('POST', '/memories/batch', { ...batch(items.slice(0, 1)), headers });
    expect(again).toMatchObject({ status: 200, json: { results: [{ ok: true, version: 1 }] } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
