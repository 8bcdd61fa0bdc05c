import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { eraseResult, oneJobAnswer } from '../schemas/answers.js';
import { startGateway, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
beforeAll(async () => {
  running = await startGateway();
});
afterAll(() => running.stop());

const post = (target: string, body: JsonObject) => running.call('POST', target, { body });
const erase = (body: JsonObject) => post('/admin/erase', { namespace: 'team', ...body });

describe('POST /admin/erase', () => {
  test.each<[JsonObject, JsonObject]>([
    [{ coord: '42.0' }, { coords: ['42.0'] }],
    [{ coords: ['a', 'b'] }, { coords: ['a', 'b'] }],
    [{ filters: { user_id: 'ada' } }, { filters: { user_id: 'ada' } }],
    [{ all: true }, { all: true }],
  ])('%j becomes a job', async (body, request) => {
    const answer = await erase(body);
    expect(answer.status).toBe(202);
    oneJobAnswer.parse(answer.json);
    const job = answer.json['job'] as JsonObject;
    expect(answer.headers.get('location')).toBe(`/admin/jobs/${job['job_id'] as string}`);
    expect(job).toMatchObject({
      kind: 'erase',
      state: 'waiting',
      request: { namespace: 'team', at_most: 10_000, dry_run: false, ...request },
    });
    expect(running.jobs.all[0]).toMatchObject({ kind: 'erase', issuer: expect.stringMatching(/./) });
  });

  test.each<[JsonObject, string]>([
    [{}, 'invalid_request'],
    [{ coord: 'a', all: true }, 'invalid_request'],
    [{ all: false }, 'invalid_request'],
    [{ coords: [] }, 'invalid_request'],
    [{ namespace: 'No', all: true }, 'invalid_request'],
    [{ all: true, at_most: -1 }, 'invalid_request'],
    [{ coord: 'a b' }, 'invalid_coord'],
    [{ filters: {} }, 'invalid_filter'],
    [{ filters: { tags: { $like: 'x' } } }, 'invalid_filter'],
    [{ filters: { tags: { $ne: 'x' } } }, 'invalid_filter'],
  ])('%j is refused', async (body, code) => {
    const before = running.jobs.all.length;
    expect(await erase(body)).toMatchObject({ status: 400, json: { code } });
    expect(running.jobs.all).toHaveLength(before);
  });

  test('needs its namespace said', async () => {
    expect(await post('/admin/erase', { all: true })).toMatchObject({ status: 400 });
  });
});

describe('POST /admin/erase/check', () => {
  test('becomes a job', async () => {
    const answer = await post('/admin/erase/check', { namespace: 'team', coord: 'a' });
    expect(answer.json['job']).toMatchObject({
      kind: 'check-erased',
      request: { namespace: 'team', coords: ['a'] },
    });
  });

  test('takes no filters: what they would match is gone', async () => {
    const body = { namespace: 'team', filters: { a: 1 } };
    expect(await post('/admin/erase/check', body)).toMatchObject({ status: 400 });
  });
});

describe('DELETE /memories/{coord}', () => {
  test('with erase=true sends an erasing deletion and says when the topics let go', async () => {
    await running.call('PUT', '/memories/m', { body: { payload: {} } });
    const answer = await running.call('DELETE', '/memories/m?erase=true');
    expect(answer).toMatchObject({ status: 200, json: { deleted: true } });
    eraseResult.required().parse(answer.json);
    expect(Object.keys(answer.json['log_clean_by'] as JsonObject)).toContain('memory.dlq');
    expect(running.log.taken.at(-1)?.command).toMatchObject({ type: 'DeleteMemory', erase: true });
    const again = await running.call('DELETE', '/memories/m?erase=true');
    expect(again.json).toMatchObject({ deleted: false });
  });

  test('without it erases nothing', async () => {
    const answer = await running.call('DELETE', '/memories/m');
    expect(answer.json).not.toHaveProperty('log_clean_by');
    expect(running.log.taken.at(-1)?.command).toMatchObject({ erase: false });
  });
});

test('POST /admin/log/accept answers the new generation', async () => {
  const own = await startGateway();
  expect(await own.call('POST', '/admin/log/accept')).toMatchObject({ status: 200, json: { generation: 2 } });
  await own.stop();
});
