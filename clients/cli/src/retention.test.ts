import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTinyService, type TinyService } from './test/tiny-service.js';
import { type, type TypedOptions } from './test/typed-line.js';

let service: TinyService;
beforeEach(async () => {
  service = await startTinyService();
});
afterEach(() => service.close());

function soma(line: string[], options: TypedOptions = {}) {
  const env = { SOMA_URL: service.url, SOMA_API_TOKEN: 't', SOMA_NAMESPACE: 'team', ...options.env };
  return type(['retention', ...line], { ...options, env });
}

const kept = (policy: Record<string, unknown>, namespace = 'team') => ({
  namespace,
  policy,
  updated_at: '2026-01-01T00:00:00Z',
  updated_by: 'an admin',
  due_at: '2026-01-01T01:00:00Z',
  last_run: null,
  deleted: { ttl: 1, decay: 2, max_memories: 3 },
});
const previewed = {
  job_id: 'j1',
  kind: 'try-retention',
  state: 'done',
  request: {},
  done: 0,
  total: null,
  result: { live: 9, would_delete: { ttl: 4, decay: 0, max_memories: 0 }, coords: { ttl: ['m'] } },
  error: null,
};
const sent = (start: string): unknown[] =>
  service.asked.filter(({ line }) => line.startsWith(start)).map(({ body }) => body);

describe('retention set', () => {
  const terms = ['--ttl', '60', '--max-memories', '0', '--half-life', '7d', '--min-score', '0.05'];
  const policy = {
    ttl_seconds: 60,
    max_memories: 0,
    decay: { half_life: '7d', min_score: 0.05, accesses: false },
  };

  test('sets what the options say', async () => {
    service.on('PUT /admin/retention/team', { body: { retention: kept(policy) } });
    const { exitCode, out } = await soma(['set', ...terms, '--yes']);
    expect({ exitCode, out }).toEqual({ exitCode: 0, out: expect.stringContaining('not written for 60 s') });
    expect(sent('PUT')).toEqual([policy]);
  });

  test('tries it first, and sets it once the namespace is written', async () => {
    service.on('POST /admin/retention/team/try', { status: 202, body: { job: previewed } });
    service.on('PUT /admin/retention/team', { body: { retention: kept(policy) } });
    const { exitCode, notes } = await soma(['set', '--ttl', '60'], { answer: 'team' });
    expect({ exitCode, notes }).toEqual({
      exitCode: 0,
      notes: expect.stringMatching(/would_delete\.ttl\s+4/),
    });
    expect([sent('POST'), sent('PUT')]).toEqual([[{ ttl_seconds: 60 }], [{ ttl_seconds: 60 }]]);
    expect((await soma(['set', '--ttl', '60'], { answer: 'yes' })).exitCode).toBe(1);
    expect(sent('PUT')).toHaveLength(1);
  });

  test.each([
    [['set', '--yes']],
    [['set', '--half-life', '7d', '--yes']],
    [['set', '--min-score', '2', '--yes']],
    [['set', '--ttl', '60', '--accesses', '--yes']],
    [['set', '--ttl', '60']],
  ])('%j is refused before anything is sent', async (line) => {
    expect((await soma(line)).exitCode).toBe(2);
    expect(service.asked).toEqual([]);
  });

  test('wants a namespace', async () => {
    expect((await soma(['set', '--ttl', '60', '--yes'], { env: { SOMA_NAMESPACE: '' } })).exitCode).toBe(2);
  });
});

test('retention try shows what the policy that is set would delete', async () => {
  service.on('GET /admin/retention/team', { body: { retention: kept({ ttl_seconds: 60 }) } });
  service.on('POST /admin/retention/team/try', { status: 202, body: { job: previewed } });
  expect((await soma(['try'])).out).toMatch(/live\s+9\nwould_delete\.ttl\s+4/);
  expect(sent('POST')).toEqual([{ ttl_seconds: 60 }]);
});

test('retention show lists all pages, and one whole', async () => {
  service.on(
    'GET /admin/retention?',
    { body: { retention: [kept({ ttl_seconds: 60 }, 'a')], next_cursor: 'c1' } },
    { body: { retention: [kept({ max_memories: 5 }, 'b')], next_cursor: null } },
  );
  const { out } = await soma(['show']);
  expect(out).toMatch(/not written for 60 s[^]*more than 5/);
  expect(service.asked.map(({ line }) => line)).toContain('GET /admin/retention?limit=200&cursor=c1');
  service.on('GET /admin/retention/team', { body: { retention: kept({ ttl_seconds: 60 }) } });
  expect((await soma(['show', '--namespace', 'team'])).out).toContain('1 by ttl, 2 by decay, 3 by number');
});

test('retention remove says whether there was one', async () => {
  service.on('DELETE /admin/retention/team', { body: { removed: false } });
  expect((await soma(['remove'])).out).toBe('team had no retention policy');
});
