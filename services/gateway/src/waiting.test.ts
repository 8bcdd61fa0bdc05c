import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SomaError } from '@soma/memory';
import { startGateway, type RunningGateway } from './test/running-gateway.js';

let running: RunningGateway;
let call: RunningGateway['call'];
beforeEach(async () => {
  running = await startGateway();
  call = running.call;
});
afterEach(() => running.stop());

const body = { text: 'x' };

describe('what a write waits for', () => {
  test('respond-async is 202 accepted with a token and where to look', async () => {
    running.workers.paused = true;
    const answer = await call('PUT', '/memories/a', { body, headers: { prefer: 'respond-async' } });
    expect(answer).toMatchObject({
      status: 202,
      json: { status: 'accepted', version: null, memory_type: 'episodic', ok: true },
    });
    expect(answer.headers.get('preference-applied')).toBe('respond-async');
    const location = String(answer.headers.get('location'));
    expect(location).toBe(
      `/operations/${answer.json['operation_id'] as string}?token=${String(answer.headers.get('soma-consistency-token'))}`,
    );

    const pending = await call('GET', location);
    expect(pending).toMatchObject({ status: 200, json: { status: 'accepted', version: null, coord: null } });
    running.workers.resume();
    const done = await call('GET', location);
    expect(done.json).toMatchObject({
      status: 'indexed',
      version: 1,
      coord: 'a',
      accepted_at: expect.stringMatching(/Z$/),
    });
  });

  test('until=accepted never waits', async () => {
    const answer = await call('PUT', '/memories/a?until=accepted', { body });
    expect(answer).toMatchObject({ status: 202, json: { status: 'accepted' } });
  });

  test('a wait that is over is 202 with the status reached', async () => {
    running.workers.paused = true;
    const late = await call('PUT', '/memories/a', { body, headers: { prefer: 'wait=0' } });
    expect(late).toMatchObject({ status: 202, json: { status: 'accepted' } });
    expect(late.headers.get('preference-applied')).toBe('wait=0');
  });

  test('until=indexed waits for the projections, and says stored when they are late', async () => {
    expect(await call('PUT', '/memories/a?until=indexed', { body })).toMatchObject({
      status: 201,
      json: { status: 'indexed' },
    });
    running.workers.indexing = false;
    const late = await call('PUT', '/memories/a?until=indexed', { body, headers: { prefer: 'wait=1' } });
    expect(late).toMatchObject({ status: 202, json: { status: 'stored', version: 2 } });
    const look = await call('GET', String(late.headers.get('location')));
    expect(look.json).toMatchObject({ status: 'stored' });
  });

  test('what nobody tells is found in the ledger', async () => {
    running.workers.telling = false;
    expect(await call('PUT', '/memories/a', { body })).toMatchObject({
      status: 201,
      json: { status: 'stored' },
    });
  });

  test('while the ledger is out but outcomes are told, writes succeed', async () => {
    await call('PUT', '/memories/warm', { body });
    running.workers.down = true;
    expect(await call('PUT', '/memories/a', { body })).toMatchObject({ status: 201 });
  });

  test('the token of an answer covers the token of the request', async () => {
    const first = await call('POST', '/graph/links', { body: { from_coord: 'a', to_coord: 'b' } });
    const headers = { 'soma-consistency-token': String(first.headers.get('soma-consistency-token')) };
    const second = await call('PUT', '/memories/a', { body, headers });
    await call('GET', '/memories/a', {
      headers: { 'soma-consistency-token': String(second.headers.get('soma-consistency-token')) },
    });
    expect(running.reads.asked.at(-1)?.options.after?.positions).toEqual({
      'memory.commands': { 0: 0 },
      'graph.commands': { 0: 0 },
    });
  });
});

describe('when parts are out', () => {
  test('a log that does not answer is 503 event_log_unavailable', async () => {
    running.log.failure = new SomaError('event_log_unavailable', 'no broker answers');
    const answer = await call('PUT', '/memories/a', { body });
    expect(answer).toMatchObject({ status: 503, json: { code: 'event_log_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('1');
  });

  test('reads: store, consistency, deadline', async () => {
    running.reads.failure = new SomaError('query_unavailable', 'connection refused to 10.0.0.7');
    const out = await call('GET', '/memories/a');
    expect(out).toMatchObject({ status: 503, json: { code: 'store_unavailable' } });
    expect(out.text).not.toContain('10.0.0.7');
    running.reads.failure = new SomaError('not_yet_consistent', 'not there yet');
    const early = await call('GET', '/memories/a');
    expect(early).toMatchObject({ status: 503, json: { code: 'not_yet_consistent' } });
    expect(early.headers.get('retry-after')).toBe('1');
  });

  test('a bug is 500 internal without its message, and is logged without the payload', async () => {
    running.reads.get = () => Promise.reject(new Error('cannot read the secret of user 7'));
    const answer = await call('GET', '/memories/a');
    expect(answer).toMatchObject({ status: 500, json: { code: 'internal' } });
    expect(answer.text).not.toContain('user 7');
    expect(running.lines.some((line) => line.includes('request failed') && line.includes('user 7'))).toBe(
      true,
    );
  });

  test('a breaker spares callers the wait for a reading side that is out, and lets them back in', async () => {
    running.reads.failure = new SomaError('store_unavailable', 'out');
    for (let i = 0; i < 12; i += 1) await call('GET', '/memories/a');
    const before = running.reads.asked.length;
    expect(await call('GET', '/memories/a')).toMatchObject({
      status: 503,
      json: { code: 'store_unavailable' },
    });
    expect(running.reads.asked.length).toBe(before);
  });
});

test('a read that takes too long is 504 deadline_exceeded', async () => {
  const slow = await startGateway({ SOMA_READ_TIMEOUT_MS: '100' });
  slow.reads.hanging = true;
  const answer = await slow.call('GET', '/memories/a', { headers: { prefer: 'wait=0' } });
  expect(answer).toMatchObject({ status: 504, json: { code: 'deadline_exceeded' } });
  await slow.stop();
});

test('while Postgres was never reached, writes are 503 store_unavailable and the process is not ready', async () => {
  const cold = await startGateway({}, (workers) => {
    workers.down = true;
  });
  expect(await cold.call('PUT', '/memories/a', { body })).toMatchObject({
    status: 503,
    json: { code: 'store_unavailable' },
  });
  expect(await cold.gateway.readiness()).toMatchObject({ store: false });
  await cold.stop();
});
