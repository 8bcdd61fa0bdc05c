import { describe, expect, test } from '@jest/globals';
import { until } from '../system/index.js';
import type { OperationAnswer, WriteResult } from './answers.js';
import { Client, type Answer } from './client.js';
import { expectProblem } from './expect-problem.js';

/** Follows the Location of a 202 until its operation has one of the statuses. */
function followed(client: Client, answer: Answer<unknown>, statuses: string[]): Promise<OperationAnswer> {
  const location = answer.headers.get('location') ?? '';
  return until(`${location} to be ${statuses.join(' or ')}`, 10_000, async () => {
    const { status, body } = await client.call<OperationAnswer>('GET', location);
    expect(status).toBe(200);
    return statuses.includes(body.status) ? body : undefined;
  });
}

describe('waiting for a write', () => {
  test.each([
    ['', 'stored'],
    ['?until=stored', 'stored'],
    ['?until=indexed', 'indexed'],
  ])('%s answers once it is so', async (query, status) => {
    const answer = await new Client().put('m', { payload: { text: 'x' } }, { query });
    expect([answer.status, answer.body.status]).toEqual([201, status]);
  });

  test.each<[string, Record<string, string>, string | null]>([
    ['?until=accepted', {}, null],
    ['', { Prefer: 'respond-async' }, 'respond-async'],
    ['?until=indexed', { Prefer: 'wait=0' }, 'wait=0'],
  ])('%s %j answers 202 and says where to look', async (query, headers, applied) => {
    const client = new Client();
    const answer = await client.put('m', { payload: {} }, { query, headers });
    expect(answer.status).toBe(202);
    expect(answer.body).toMatchObject({
      coord: 'm',
      namespace: client.namespace,
      ok: true,
      status: 'accepted',
    });
    expect(answer.headers.get('soma-consistency-token')).toBeTruthy();
    expect(answer.headers.get('preference-applied')).toBe(applied);
    expect(answer.headers.get('location')).toMatch(new RegExp(`^/operations/${answer.body.operation_id}`));
    const operation = await followed(client, answer, ['indexed']);
    expect(operation).toMatchObject({
      operation_id: answer.body.operation_id,
      coord: 'm',
      version: 1,
      accepted_at: expect.any(String),
      finished_at: expect.any(String),
    });
  });

  test('an operation says at once what a 202 promised, never 404', async () => {
    const client = new Client();
    for (let round = 0; round < 20; round += 1) {
      const answer = await client.put(`m${round}`, { payload: {} }, { query: '?until=accepted' });
      const operation = await client.call<OperationAnswer>('GET', answer.headers.get('location') ?? '');
      expect(operation.status).toBe(200);
      expect(['accepted', 'stored', 'indexed']).toContain(operation.body.status);
    }
  });

  test('what a synchronous answer would have refused ends rejected with the same code', async () => {
    const client = new Client();
    const options = { json: { payload: {} }, headers: { Prefer: 'respond-async' } };
    const answer = await client.call<WriteResult>('PATCH', '/memories/none', options);
    expect(answer.status).toBe(202);
    const operation = await followed(client, answer, ['rejected']);
    expect(operation.error).toMatchObject({ code: 'memory_not_found', detail: expect.any(String) });
  });

  test('a wait longer than allowed is cut, and said', async () => {
    const answer = await new Client().put('m', { payload: {} }, { headers: { Prefer: 'wait=600' } });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('preference-applied')).toBe('wait=30');
  });

  test('preferences that are not known are ignored', async () => {
    const headers = { Prefer: 'handling=lenient, return=minimal' };
    const answer = await new Client().put('m', { payload: {} }, { headers });
    expect([answer.status, answer.headers.get('preference-applied')]).toEqual([201, null]);
  });

  test('a wait that is no number and an unknown until are refused', async () => {
    const client = new Client();
    const badWait = await client.put('m', { payload: {} }, { headers: { Prefer: 'wait=soon' } });
    expectProblem(badWait, 400, 'invalid_request');
    const badUntil = await client.put('m', { payload: {} }, { query: '?until=yesterday' });
    expectProblem(badUntil, 400, 'invalid_request');
  });
});

describe('operations', () => {
  test('are found by the id of the write', async () => {
    const client = new Client();
    const { body } = await client.put('m', { payload: {} });
    const operation = await client.call<OperationAnswer>('GET', `/operations/${body.operation_id}`);
    expect(operation.body).toMatchObject({ operation_id: body.operation_id, coord: 'm', version: 1 });
  });

  test('belong to their namespace', async () => {
    const { body } = await new Client().put('m', { payload: {} });
    const elsewhere = await new Client().call('GET', `/operations/${body.operation_id}`);
    expectProblem(elsewhere, 404, 'operation_not_found');
  });

  test('that never were are 404', async () => {
    const unknown = await new Client().call('GET', '/operations/0190b5a0-0000-7000-8000-000000000000');
    expectProblem(unknown, 404, 'operation_not_found');
  });
});
