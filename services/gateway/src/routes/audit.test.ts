import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newToken } from '../test/new-token.js';
import { startGateway, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
let call: RunningGateway['call'];
beforeAll(async () => {
  running = await startGateway({ SOMA_RATE_ADMIN: '10000' });
  call = running.call;
});
afterAll(() => running.stop());
beforeEach(() => {
  running.audit.acts = [];
  running.audit.down = false;
});

const NEW = { description: 'said-in-the-description', role: 'admin', namespaces: ['*'] };

describe('an act of an operator', () => {
  test('says who, what, when, from where, on what, and how it ended', async () => {
    const made = await call('POST', '/admin/tokens', { body: NEW });
    const { token_id } = made.json['token'] as { token_id: string };
    const { json } = await call('GET', '/admin/audit');
    expect(json).toEqual({
      acts: [
        {
          id: expect.any(Number),
          at: expect.stringMatching(/Z$/),
          request_id: made.headers.get('x-request-id'),
          subject: 'api-token',
          action: 'createToken',
          address: expect.stringContaining('127.0.0.1'),
          namespace: null,
          target: token_id,
          status: 201,
          code: null,
          finished_at: expect.stringMatching(/Z$/),
        },
      ],
      next_cursor: null,
    });
    const line = running.lines.find((text) => text.includes('an operator acted')) ?? '{}';
    expect(JSON.parse(line)).toMatchObject({
      audit: { action: 'createToken', target: token_id, status: 201 },
    });
  });

  test('holds nothing that was sent', async () => {
    const made = await call('POST', '/admin/tokens', { body: NEW });
    const told = (await call('GET', '/admin/audit')).text + running.lines.join('');
    for (const sent of ['said-in-the-description', made.json['secret'] as string])
      expect(told).not.toContain(sent);
  });

  test('that is refused says with which code', async () => {
    await call('POST', '/admin/tokens/00000000-0000-7000-8000-000000000000/revoke');
    expect(running.audit.acts).toMatchObject([
      { action: 'revokeToken', status: 404, code: 'token_not_found' },
    ]);
  });

  test('is told by the subject of the token that did it', async () => {
    const { secret, token_id } = await newToken(running, { role: 'admin', namespaces: ['*'] });
    await call('POST', '/admin/reindex/rollback', { token: secret });
    expect(running.audit.acts.at(-1)).toMatchObject({
      subject: `token:${token_id}`,
      action: 'rollBackReindex',
      target: running.jobs.all[0]?.job_id,
    });
  });

  test('erasing a memory is one, with its namespace and operation; deleting is none', async () => {
    const headers = { 'soma-namespace': 'team' };
    await call('DELETE', '/memories/some-coord', { headers });
    expect(running.audit.acts).toEqual([]);
    const erased = await call('DELETE', '/memories/some-coord?erase=true', { headers });
    expect(running.audit.acts).toMatchObject([
      { action: 'deleteMemory', namespace: 'team', target: erased.json['operation_id'], status: 200 },
    ]);
    expect(JSON.stringify(running.audit.acts)).not.toContain('some-coord');
  });

  test('is not done when it cannot be written down', async () => {
    running.audit.down = true;
    const answer = await call('POST', '/admin/reindex/finish');
    expect(answer).toMatchObject({ status: 503, json: { code: 'store_unavailable' } });
    expect(running.jobs.all.filter(({ kind }) => kind === 'finish-reindex')).toEqual([]);
  });

  test('looking leaves no trace, but for what somebody sent', async () => {
    for (const target of ['/admin/tokens', '/admin/audit', '/admin/jobs', '/admin/dead-letters'])
      expect((await call('GET', target)).status).toBe(200);
    expect(running.audit.acts).toEqual([]);
    await call('GET', '/admin/dead-letters/1');
    expect(running.audit.acts).toMatchObject([{ action: 'getDeadLetter', target: '1', status: 404 }]);
  });

  test('who may not leaves none', async () => {
    const { secret } = await newToken(running, { role: 'writer' });
    running.audit.acts = [];
    expect((await call('POST', '/admin/log/accept', { token: secret })).status).toBe(403);
    expect(running.audit.acts).toEqual([]);
  });
});

describe('the list of acts', () => {
  test('comes in pages, by who, by what and from when on', async () => {
    for (let count = 0; count < 5; count += 1) await newToken(running);
    await call('POST', '/admin/log/accept');
    const first = await call('GET', '/admin/audit?action=createToken&limit=2');
    const ids = (acts: unknown) => (acts as { id: number }[]).map(({ id }) => id);
    expect(ids(first.json['acts'])).toHaveLength(2);
    const cursor = first.json['next_cursor'] as string;
    const second = await call('GET', `/admin/audit?action=createToken&limit=3&cursor=${cursor}`);
    expect(ids(second.json['acts'])).toHaveLength(3);
    expect(second.json['next_cursor']).toBeNull();
    expect(await call('GET', `/admin/audit?limit=2&cursor=${cursor}`)).toMatchObject({
      status: 400,
      json: { code: 'invalid_cursor' },
    });
    const none = ['subject=nobody', 'since=2999-01-01T00:00:00Z'];
    for (const query of none) expect((await call('GET', `/admin/audit?${query}`)).json['acts']).toEqual([]);
  });
});
