import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Job } from './jobs.js';
import { startTinyService, type Reply, type TinyService } from './test/tiny-service.js';
import { type, type TypedOptions } from './test/typed-line.js';

let service: TinyService;
beforeEach(async () => {
  service = await startTinyService();
});
afterEach(() => service.close());

function soma(line: string[], options: TypedOptions = {}) {
  return type(line, { ...options, env: { SOMA_URL: service.url, SOMA_API_TOKEN: 't', ...options.env } });
}

function jobOf(changes: Partial<Job>): Job {
  return {
    job_id: 'j1',
    kind: 'verify-index',
    state: 'waiting',
    request: {},
    done: 0,
    total: null,
    result: null,
    error: null,
    created_at: '2026-01-01T00:00:00Z',
    started_at: null,
    finished_at: null,
    ...changes,
  };
}

const is = (changes: Partial<Job>): Reply => ({ body: { job: jobOf(changes) } });
const CLEAN = {
  checked: 10,
  missing: 0,
  older: 0,
  newer: 0,
  orphaned: 0,
  wrongly_live: 0,
  repaired: 0,
  examples: [],
};
const example = {
  namespace: 'team',
  coord: 'm',
  kind: 'missing',
  expected_revision: 5,
  found_revision: null,
};

function bodies(start: string): unknown[] {
  return service.asked.filter(({ line }) => line.startsWith(start)).map(({ body }) => body);
}

describe('verify', () => {
  test('watches the job, prints a table, and ends with 0 when nothing differs', async () => {
    service.on('POST /admin/verify', is({}));
    service.on(
      'GET /admin/jobs/j1',
      is({}),
      is({ state: 'running', done: 4, total: 10 }),
      is({ state: 'done', result: CLEAN, done: 10, total: 10 }),
    );
    const { exitCode, out, notes } = await soma(['verify', 'index', '--sample', '10']);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/index.*10.*\n[^]*no differences left/);
    expect(notes.split('\n')).toEqual([
      'verify-index waiting for the indexer to take it',
      'verify-index running 4 of 10',
      'verify-index done 10 of 10',
    ]);
    expect(bodies('POST')).toEqual([{ projection: 'index', sample: 10 }]);
  });

  test('ends with 4 when differences stay, and shows some', async () => {
    service.on('POST /admin/verify', is({}));
    const result = { ...CLEAN, missing: 2, orphaned: 1, examples: [example] };
    service.on('GET /admin/jobs/j1', is({ state: 'done', result }));
    const { exitCode, out } = await soma(['verify', 'graph']);
    expect(exitCode).toBe(4);
    expect(out).toMatch(/graph.*missing.*team.*m.*5.*-/);
    expect(out).toContain('3 differences');
  });

  test('with --repair ends with 0 once all are mended', async () => {
    service.on('POST /admin/verify', is({}));
    service.on('GET /admin/jobs/j1', is({ state: 'done', result: { ...CLEAN, older: 2, repaired: 2 } }));
    expect((await soma(['verify', 'cache', '--repair'])).exitCode).toBe(0);
    expect(bodies('POST')).toEqual([{ projection: 'cache', repair: true }]);
  });

  test('takes all three, in every namespace unless the line names one', async () => {
    service.on('POST /admin/verify', is({ state: 'done', result: CLEAN }));
    const env = { SOMA_NAMESPACE: 'team' };
    const { exitCode, out } = await soma(['verify', '--json'], { env });
    expect(exitCode).toBe(0);
    expect((JSON.parse(out) as { jobs: Job[] }).jobs).toHaveLength(3);
    await soma(['verify', 'index', '--namespace', 'other'], { env });
    expect(bodies('POST')).toEqual([
      { projection: 'index' },
      { projection: 'cache' },
      { projection: 'graph' },
      { projection: 'index', namespace: 'other' },
    ]);
  });
});

describe('watching a job', () => {
  test('that fails ends with 1 and its reason', async () => {
    const error = { code: 'index_unavailable', detail: 'Qdrant does not answer' };
    service.on('POST /admin/rebuild', is({ kind: 'rebuild-index' }));
    service.on('GET /admin/jobs/j1', is({ kind: 'rebuild-index', state: 'failed', error }));
    const { exitCode, notes } = await soma(['rebuild', 'index']);
    expect(exitCode).toBe(1);
    expect(notes).toContain('rebuild-index failed: index_unavailable: Qdrant does not answer');
  });

  test('goes on over a service that starts anew', async () => {
    service.on('POST /admin/rebuild', is({}));
    const out: Reply = { status: 503, body: { code: 'shutting_down', detail: 'stopping' } };
    service.on('GET /admin/jobs/j1', out, out, is({ state: 'done', result: CLEAN }));
    expect((await soma(['rebuild', 'cache'])).exitCode).toBe(0);
  });

  test('ends with 3 when the service stays away, and says how to find the job', async () => {
    service.on('POST /admin/rebuild', is({}));
    service.on('GET /admin/jobs/j1', { status: 502, text: 'bad gateway' });
    const { exitCode, notes } = await soma(['rebuild', 'cache']);
    expect(exitCode).toBe(3);
    expect(notes).toContain('soma jobs show j1');
  });

  test('is stopped by Ctrl-C while the job goes on', async () => {
    service.on('POST /admin/rebuild', is({}));
    service.on('GET /admin/jobs/j1', is({ state: 'running', done: 1, total: 9 }));
    const interruptAt = (note: string) => note.includes('running');
    const { exitCode, notes } = await soma(['rebuild', 'index'], { interruptAt });
    expect(exitCode).toBe(130);
    expect(notes).toContain('goes on');
    expect(notes).toContain('soma jobs cancel j1');
    expect(bodies('POST /admin/jobs')).toEqual([]);
  });
});

describe('jobs', () => {
  test('are listed, shown, watched and cancelled', async () => {
    const running = jobOf({ state: 'running', done: 3, total: 8 });
    service.on('GET /admin/jobs?', { body: { jobs: [running] } });
    service.on('GET /admin/jobs/j1', { body: { job: running } }, is({ state: 'done', result: CLEAN }));
    service.on('POST /admin/jobs/j1/cancel', is({ state: 'cancelled' }));
    expect((await soma(['jobs', 'list'])).out).toMatch(/j1.*verify-index.*running.*3 of 8/);
    expect((await soma(['jobs', 'show', 'j1'])).out).toMatch(/state +running/);
    expect((await soma(['jobs', 'show', 'j1', '--watch'])).out).toMatch(/state +done/);
    expect((await soma(['jobs', 'cancel', 'j1'])).out).toBe('verify-index is cancelled');
  });
});

describe('erase', () => {
  const done = is({ kind: 'erase', state: 'done', result: { matched: 2, erased: 2 } });
  const env = { SOMA_NAMESPACE: 'team' };

  test.each<[string[], string]>([
    [['--coord', 'm'], 'SOMA_NAMESPACE'],
    [['--namespace', 'team'], '--all'],
    [['--namespace', 'team', '--all', '--coord', 'm'], 'one of'],
    [['--namespace', 'team', '--filters', '{', '--yes'], '--filters is no JSON'],
    [['--namespace', 'team', '--all'], 'wants --yes'],
    [['--namespace', 'team', '--check', '--filters', '{}'], '--coord or --all'],
  ])('%j is refused before anything is sent', async (line, says) => {
    const { exitCode, notes } = await soma(['erase', ...line]);
    expect([exitCode, notes]).toEqual([2, expect.stringContaining(says)]);
    expect(service.asked).toEqual([]);
  });

  test.each<[string[], object]>([
    [['--coord', '-1,2', '--yes'], { coord: '-1,2' }],
    [['--coord', 'a', '--coord', 'b', '--yes'], { coords: ['a', 'b'] }],
    [
      ['--filters', '{"user_id": "ada"}', '--at-most', '5', '--yes'],
      { filters: { user_id: 'ada' }, at_most: 5 },
    ],
    [['--all', '--dry-run'], { all: true, dry_run: true }],
  ])('%j asks for that', async (line, request) => {
    service.on('POST /admin/erase', done);
    const { exitCode, out } = await soma(['erase', ...line], { env });
    expect([exitCode, out]).toEqual([0, 'matched  2\nerased   2']);
    expect(bodies('POST')).toEqual([{ namespace: 'team', ...request }]);
  });

  test('asks whoever sits there, after counting, and does nothing without a yes', async () => {
    service.on('POST /admin/erase', done);
    const no = await soma(['erase', '--all'], { env, answer: 'no' });
    expect([no.exitCode, no.notes]).toEqual([1, expect.stringContaining('nothing was erased')]);
    expect(bodies('POST')).toEqual([{ namespace: 'team', all: true, dry_run: true }]);
    const yes = await soma(['erase', '--all'], { env, answer: 'team' });
    expect(yes.exitCode).toBe(0);
    expect(bodies('POST').slice(1)).toEqual([
      { namespace: 'team', all: true, dry_run: true },
      { namespace: 'team', all: true },
    ]);
  });

  test('--check ends with 0 when nothing remains, else with 4', async () => {
    const checked = (clean: boolean): Reply =>
      is({ kind: 'check-erased', state: 'done', result: { clean, remaining: { history: clean ? 0 : 3 } } });
    service.on('POST /admin/erase/check', checked(true), checked(false));
    expect((await soma(['erase', '--check', '--all'], { env })).exitCode).toBe(0);
    const remains = await soma(['erase', '--check', '--coord', 'm'], { env });
    expect([remains.exitCode, remains.out]).toEqual([4, 'clean              false\nremaining.history  3']);
    expect(bodies('POST')).toEqual([
      { namespace: 'team', all: true },
      { namespace: 'team', coord: 'm' },
    ]);
  });
});

describe('log accept', () => {
  test('wants a yes, from the line or from whoever sits there', async () => {
    service.on('POST /admin/log/accept', { body: { generation: 2 } });
    expect((await soma(['log', 'accept'])).exitCode).toBe(2);
    expect((await soma(['log', 'accept'], { answer: 'y' })).exitCode).toBe(1);
    expect(service.asked).toEqual([]);
    expect((await soma(['log', 'accept'], { answer: 'accept' })).out).toBe(
      'the log is accepted as generation 2',
    );
    expect((await soma(['log', 'accept', '--yes'])).exitCode).toBe(0);
  });
});
