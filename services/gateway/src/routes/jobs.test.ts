import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import * as shapes from '../schemas/answers.js';
import { jobsAnswer } from '../schemas/jobs.js';
import { startGateway, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
let call: RunningGateway['call'];
beforeAll(async () => {
  running = await startGateway();
  call = running.call;
});
afterAll(() => running.stop());

const jobOf = (answer: { json: JsonObject }) => answer.json['job'] as JsonObject & { job_id: string };

describe('jobs', () => {
  test.each([
    ['verify', { projection: 'index' }, 'verify-index', { sample: null, namespace: null, repair: false }],
    [
      'verify',
      { projection: 'cache', sample: 10, namespace: 'team', repair: true },
      'verify-cache',
      { sample: 10, namespace: 'team', repair: true },
    ],
    ['rebuild', { projection: 'graph' }, 'rebuild-graph', {}],
  ])('POST /admin/%s %j makes a job that waits', async (route, body, kind, request) => {
    const answer = await call('POST', `/admin/${route}`, { body });
    shapes.oneJobAnswer.parse(answer.json);
    const { job_id, ...job } = jobOf(answer);
    expect(answer.status).toBe(202);
    expect(answer.headers.get('location')).toBe(`/admin/jobs/${job_id}`);
    expect(job).toMatchObject({ kind, request, state: 'waiting', done: 0, total: null, finished_at: null });
    expect(job).not.toHaveProperty('cursor');
    const asked = await call('GET', `/admin/jobs/${job_id.toUpperCase()}`);
    expect(asked).toMatchObject({ status: 200, json: answer.json });
  });

  test('are listed newest first, as many as asked for', async () => {
    await call('POST', '/admin/verify', { body: { projection: 'index' } });
    await call('POST', '/admin/rebuild', { body: { projection: 'cache' } });
    const all = await call('GET', '/admin/jobs');
    jobsAnswer.parse(all.json);
    const { json } = await call('GET', '/admin/jobs?limit=2');
    const kinds = (json['jobs'] as JsonObject[]).map(({ kind }) => kind);
    expect(kinds).toEqual(['rebuild-cache', 'verify-index']);
  });

  test('end when they are cancelled', async () => {
    const made = await call('POST', '/admin/rebuild', { body: { projection: 'index' } });
    const path = `/admin/jobs/${jobOf(made).job_id}`;
    expect(await call('POST', `${path}/cancel`)).toMatchObject({
      status: 200,
      json: { job: { state: 'cancelled' } },
    });
    expect(jobOf(await call('GET', path))['state']).toBe('cancelled');
  });

  test.each([
    'GET /admin/jobs/x',
    'GET /admin/jobs/018f0000-0000-7000-8000-0000000000aa',
    'POST /admin/jobs/x/cancel',
  ])('%s is 404 job_not_found', async (request) => {
    const [method = '', target = ''] = request.split(' ');
    expect(await call(method, target)).toMatchObject({ status: 404, json: { code: 'job_not_found' } });
  });

  test.each([
    ['verify', {}, '/projection'],
    ['verify', { projection: 'table' }, '/projection'],
    ['verify', { projection: 'index', sample: 0 }, '/sample'],
    ['verify', { projection: 'index', sample: 1.5 }, '/sample'],
    ['verify', { projection: 'index', namespace: 'Upper' }, '/namespace'],
    ['verify', { projection: 'index', repair: 'yes' }, '/repair'],
    ['rebuild', { projection: 'index', repair: true }, '/repair'],
  ])('POST /admin/%s %j is 400 and points at the place', async (route, body, pointer) => {
    const answer = await call('POST', `/admin/${route}`, { body });
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request', errors: [{ pointer }] } });
  });

  test('need the token', async () => {
    const answer = await call('GET', '/admin/jobs', { anonymous: true });
    expect(answer).toMatchObject({ status: 401, json: { code: 'missing_token' } });
  });
});
