import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { oneJobAnswer } from '../schemas/answers.js';
import { onePolicyAnswer, policiesAnswer } from '../schemas/retention.js';
import { startGateway, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
beforeEach(async () => {
  running = await startGateway();
});
afterEach(() => running.stop());

const put = (body: JsonObject, namespace = 'team') =>
  running.call('PUT', `/admin/retention/${namespace}`, { body });

describe('a retention policy', () => {
  test('is shown as it was set', async () => {
    const policy = {
      ttl_seconds: 60,
      max_memories: 0,
      decay: { half_life: '36h', min_score: 0.05, accesses: true },
    };
    const answer = await put(policy);
    expect(answer).toMatchObject({
      status: 200,
      json: {
        retention: { namespace: 'team', policy, updated_by: expect.stringMatching(/./), last_run: null },
      },
    });
    onePolicyAnswer.parse(answer.json);
    expect(running.policies.all.get('team')?.policy.decay).toMatchObject({ half_life_seconds: 129_600 });
    expect((await running.call('GET', '/admin/retention/team')).json).toEqual(answer.json);
    const shown = (answer.json['retention'] as JsonObject)['policy'] as JsonObject;
    expect((await put(shown)).json).toMatchObject({ retention: { policy } });
  });

  test.each([
    ['30m', '30m'],
    ['90m', '90m'],
    ['12h', '12h'],
    ['24h', '1d'],
    ['7d', '7d'],
    ['4w', '28d'],
  ])('of a half-life of %s says %s', async (half_life, said) => {
    const answer = await put({ decay: { half_life, min_score: 0 } });
    expect(answer.json).toMatchObject({
      retention: { policy: { decay: { half_life: said, accesses: false } } },
    });
  });

  test.each<JsonObject>([
    {},
    { ttl_seconds: 0 },
    { ttl_seconds: 1e12 },
    { max_memories: -1 },
    { max_memories: 1.5 },
    { decay: { half_life: '7d' } },
    { decay: { half_life: 'soon', min_score: 0 } },
    { decay: { half_life: '7d', min_score: 2 } },
    { ttl_seconds: 60, keep: 'all' },
  ])('%j is none', async (body) => {
    expect(await put(body)).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(running.policies.all.size).toBe(0);
  });

  test('belongs to a namespace', async () => {
    expect(await put({ ttl_seconds: 60 }, 'No')).toMatchObject({ status: 400 });
    expect(await running.call('GET', '/admin/retention/team')).toMatchObject({
      status: 404,
      json: { code: 'retention_not_found' },
    });
  });

  test('is removed', async () => {
    await put({ ttl_seconds: 60 });
    const remove = async () => (await running.call('DELETE', '/admin/retention/team')).json;
    expect([await remove(), await remove()]).toEqual([{ removed: true }, { removed: false }]);
  });

  test('of many are listed in pages', async () => {
    for (const namespace of ['b', 'c', 'a']) await put({ ttl_seconds: 60 }, namespace);
    const first = await running.call('GET', '/admin/retention?limit=2');
    policiesAnswer.parse(first.json);
    expect(first.json).toMatchObject({ retention: [{ namespace: 'a' }, { namespace: 'b' }] });
    const second = await running.call(
      'GET',
      `/admin/retention?limit=2&cursor=${first.json['next_cursor'] as string}`,
    );
    expect(second.json).toMatchObject({ retention: [{ namespace: 'c' }], next_cursor: null });
  });
});

test('a dry run is a job', async () => {
  const body = { max_memories: 5, decay: { half_life: '1d', min_score: 0.1 } };
  const answer = await running.call('POST', '/admin/retention/team/try', { body });
  oneJobAnswer.parse(answer.json);
  expect(answer.status).toBe(202);
  expect(running.jobs.all[0]).toMatchObject({
    kind: 'try-retention',
    request: {
      namespace: 'team',
      policy: {
        ttl_seconds: null,
        max_memories: 5,
        decay: { half_life_seconds: 86_400, min_score: 0.1, accesses: false },
      },
    },
  });
  expect(running.policies.all.size).toBe(0);
});
