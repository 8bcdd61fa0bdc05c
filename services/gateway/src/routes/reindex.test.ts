import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import * as shapes from '../schemas/answers.js';
import { startGateway, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
let call: RunningGateway['call'];
beforeAll(async () => {
  running = await startGateway();
  call = running.call;
});
afterAll(() => running.stop());

const ENDPOINT = { embedder: 'openai', model: 'm', url: 'http://ollama:11434/v1', dimension: 768 };
const NOTHING = { model: null, url: null, dimension: null, rate: null, sample: null };

describe('POST /admin/reindex', () => {
  test.each<[JsonObject, JsonObject]>([
    [{ embedder: 'hash' }, { embedder: 'hash' }],
    [ENDPOINT, ENDPOINT],
    [
      { embedder: 'hash', dimension: 512, rate: 50, sample: 1_000 },
      { embedder: 'hash', dimension: 512, rate: 50, sample: 1_000 },
    ],
  ])('%j makes a job that waits', async (body, request) => {
    const answer = await call('POST', '/admin/reindex', { body });
    shapes.oneJobAnswer.parse(answer.json);
    expect(answer).toMatchObject({
      status: 202,
      json: { job: { kind: 'reindex', state: 'waiting', request: { ...NOTHING, ...request } } },
    });
  });

  test.each<[JsonObject, string]>([
    [{}, '/embedder'],
    [{ embedder: 'oracle' }, '/embedder'],
    [{ ...ENDPOINT, url: 'ftp://x' }, '/url'],
    [{ ...ENDPOINT, url: 'http://user:secret@x' }, '/url'],
    [{ ...ENDPOINT, dimension: 0 }, '/dimension'],
    [{ embedder: 'openai', model: 'm', url: 'http://x' }, '/dimension'],
    [{ embedder: 'hash', rate: 0 }, '/rate'],
    [{ embedder: 'hash', sample: 1.5 }, '/sample'],
    [{ embedder: 'hash', api_key: 'k' }, '/api_key'],
  ])('%j is 400 and points at the place', async (body, pointer) => {
    const answer = await call('POST', '/admin/reindex', { body });
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request', errors: [{ pointer }] } });
    expect(answer.text).not.toContain('secret');
  });
});

test.each([
  ['rollback', 'rollback-reindex'],
  ['finish', 'finish-reindex'],
])('POST /admin/reindex/%s makes a job that waits', async (route, kind) => {
  expect(await call('POST', `/admin/reindex/${route}`)).toMatchObject({
    status: 202,
    json: { job: { kind, state: 'waiting', request: {} } },
  });
});

test.each(['/admin/reindex', '/admin/reindex/rollback', '/admin/reindex/finish'])(
  '%s needs the token',
  async (path) => {
    const answer = await call('POST', path, { anonymous: true });
    expect(answer).toMatchObject({ status: 401, json: { code: 'missing_token' } });
  },
);
