import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { operationAnswer } from '../schemas/answers.js';
import { startGateway, type CallOptions, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
beforeEach(async () => {
  running = await startGateway();
});
afterEach(() => running.stop());

const byUser = { user_id: 'ada' };
const done = (changes: JsonObject = {}) => ({
  total: 3,
  done: 2,
  result: { matched: 3, deleted: 2, spared: 1, generation: 1, positions: { 0: 7 }, ...changes },
});

function post(body: JsonObject, { headers = {}, query = '' }: CallOptions & { query?: string } = {}) {
  return running.call('POST', `/memories/delete${query}`, { body, headers });
}

/** The answer of a request that waits while the writer, some time after it came, ends its job so. */
async function answered(body: JsonObject, end: Parameters<typeof running.jobs.end>[0], query = '') {
  const before = running.jobs.all.length;
  const answer = post(body, { query });
  while (running.jobs.all.length === before) await new Promise(setImmediate);
  running.jobs.end(end);
  return answer;
}

describe('POST /memories/delete', () => {
  test('becomes a job of the namespace, with what narrows it', async () => {
    const body = { filters: { topic: 'tea' }, ...byUser, at_most: 5 };
    const answer = await post(body, { headers: { prefer: 'respond-async', 'soma-namespace': 'team' } });
    expect(answer).toMatchObject({ status: 202, json: { status: 'accepted', matched: null, deleted: 0 } });
    operationAnswer.parse(answer.json);
    const [job] = running.jobs.all;
    expect(answer.headers.get('location')).toBe(`/operations/${job?.job_id ?? ''}`);
    expect(job).toMatchObject({
      kind: 'delete',
      namespace: 'team',
      request: {
        namespace: 'team',
        filters: { topic: 'tea' },
        scope: { user_id: 'ada' },
        bound_to_user: null,
        at_most: 5,
        dry_run: false,
        erase: false,
      },
    });
  });

  test('waits for the job and answers with what was deleted, and a token that covers it', async () => {
    const answer = await answered(byUser, done());
    expect(answer).toMatchObject({ status: 200, json: { matched: 3, deleted: 2, spared: 1 } });
    operationAnswer.parse(answer.json);
    const token = answer.headers.get('soma-consistency-token') ?? '';
    const read = await running.call('GET', '/memories/m', { headers: { 'soma-consistency-token': token } });
    expect(read.status).toBe(404);
    expect(running.reads.asked.at(-1)?.options.after?.positions).toEqual({ 'memory.commands': { 0: 7 } });
  });

  test('with until=indexed waits for the projections too', async () => {
    // Position 0 of partition 0: the fake workers have carried it out once something was written.
    await running.call('PUT', '/memories/m', { body: { payload: {} } });
    const answer = await answered(byUser, done({ positions: { 0: 0 } }), '?until=indexed');
    expect(answer).toMatchObject({ status: 200, json: { status: 'indexed' } });
  });

  test('says what the job refused it with', async () => {
    const error = {
      code: 'too_many_matched',
      detail: 'more than 2 memories match; none was deleted',
    } as const;
    const answer = await answered({ ...byUser, at_most: 2 }, { state: 'failed', error });
    expect(answer).toMatchObject({ status: 409, json: error });
    expect(await answered(byUser, { state: 'cancelled', done: 1 })).toMatchObject({
      status: 409,
      json: { code: 'cancelled' },
    });
  });

  test.each<JsonObject>([
    {},
    { filters: {} },
    { filters: { tags: { $ne: 'x' } } },
    { filters: { $or: [{ topic: 'tea' }, { $not: { topic: 'tea' } }] } },
    { filters: { topic: { $like: 'tea' } }, all: true },
  ])('%j chooses nothing', async (body) => {
    expect(await post(body)).toMatchObject({ status: 400, json: { code: 'invalid_filter' } });
    expect(running.jobs.all).toHaveLength(0);
  });

  test.each<JsonObject>([
    { all: true },
    { all: true, filters: { tags: { $ne: 'x' } } },
    byUser,
    { ...byUser, filters: { tags: { $ne: 'x' } } },
  ])('%j says what it means', async (body) => {
    expect((await post(body, { query: '?until=accepted' })).status).toBe(202);
  });

  test.each<JsonObject>([
    { ...byUser, at_most: -1 },
    { ...byUser, at_most: 100_001 },
    { ...byUser, filter: {} },
    { all: false },
    { filters: [] },
  ])('%j is no request', async (body) => {
    expect(await post(body)).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(running.jobs.all).toHaveLength(0);
  });

  test('is refused while too many of the namespace are under way', async () => {
    for (let n = 0; n < 100; n += 1) await post(byUser, { query: '?until=accepted' });
    expect(await post(byUser)).toMatchObject({ status: 503, json: { code: 'overloaded' } });
    const elsewhere = { headers: { 'soma-namespace': 'other' }, query: '?until=accepted' };
    expect((await post(byUser, elsewhere)).status).toBe(202);
  });
});

describe('an Idempotency-Key', () => {
  const headers = { 'idempotency-key': 'k' };
  const query = '?until=accepted';

  test('gives the same operation again', async () => {
    const first = await post(byUser, { headers, query });
    running.jobs.end(done());
    const again = await post(byUser, { headers, query });
    expect(running.jobs.all).toHaveLength(1);
    expect(again).toMatchObject({
      status: 200,
      json: { operation_id: first.json['operation_id'], deleted: 2 },
    });
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  test('is of one request, whichever came first', async () => {
    await post(byUser, { headers, query });
    const reused = { status: 422, json: { code: 'idempotency_key_reused' } };
    expect(await post({ user_id: 'bob' }, { headers, query })).toMatchObject(reused);
    expect(await running.call('PUT', '/memories/m', { body: { payload: {} }, headers })).toMatchObject(
      reused,
    );
    const other = { 'idempotency-key': 'l' };
    await running.call('PUT', '/memories/m', { body: { payload: {} }, headers: other });
    expect(await post(byUser, { headers: other, query })).toMatchObject(reused);
    expect(running.jobs.all).toHaveLength(1);
  });
});

describe('GET /operations/{id}', () => {
  async function begun(): Promise<string> {
    await post(byUser, { query: '?until=accepted', headers: { 'soma-namespace': 'team' } });
    return running.jobs.all[0]?.job_id ?? '';
  }
  const look = (id: string, namespace = 'team') =>
    running.call('GET', `/operations/${id}`, { headers: { 'soma-namespace': namespace } });

  test('shows how far a deletion is', async () => {
    const id = await begun();
    Object.assign(running.jobs.all[0] ?? {}, { state: 'running', total: 30, done: 12 });
    const answer = await look(id);
    expect(answer.json).toMatchObject({ operation_id: id, status: 'accepted', matched: 30, deleted: 12 });
    operationAnswer.parse(answer.json);
    expect(answer.headers.get('soma-consistency-token')).toBeNull();
  });

  test('shows how it ended', async () => {
    const id = await begun();
    running.jobs.end(done());
    const answer = await look(id);
    expect(answer.json).toMatchObject({ status: 'stored', matched: 3, deleted: 2, spared: 1 });
    expect(answer.headers.get('soma-consistency-token')).toMatch(/./);
    running.jobs.end({ state: 'failed', error: { code: 'too_many_matched', detail: 'more than 2' } });
    expect((await look(id)).json).toMatchObject({ status: 'rejected', error: { code: 'too_many_matched' } });
  });

  test('shows it in its namespace only', async () => {
    expect((await look(await begun(), 'other')).status).toBe(404);
  });

  test('shows no job of an operator', async () => {
    await running.call('POST', '/admin/erase', { body: { namespace: 'team', all: true } });
    expect((await look(running.jobs.all[0]?.job_id ?? '')).status).toBe(404);
  });
});
