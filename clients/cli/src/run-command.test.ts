import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTinyService, type TinyService } from './test/tiny-service.js';
import { type, type TypedOptions } from './test/typed-line.js';

let service: TinyService;
beforeEach(async () => {
  service = await startTinyService();
});
afterEach(() => service.close());

function soma(line: string[], options: TypedOptions = {}) {
  return type(line, { ...options, env: { SOMA_URL: service.url, SOMA_API_TOKEN: 't', ...options.env } });
}

function lines(): string[] {
  return service.asked.map(({ line }) => line);
}

const written = { coord: 'm', status: 'stored', version: 2, operation_id: 'op' };

describe('the command line', () => {
  test.each([
    [[]],
    [['frob']],
    [['get']],
    [['verify', 'disk']],
    [['verify', '--sample', '0']],
    [['get', 'm', '--x']],
  ])('%j is refused with 2 and leads to help', async (line) => {
    const { exitCode, notes } = await soma(line);
    expect(exitCode).toBe(2);
    expect(notes).toMatch(/--help|Usage/);
    expect(lines()).toEqual([]);
  });

  test('help is no failure and lists exit codes and settings', async () => {
    const { exitCode, out } = await soma(['--help']);
    expect(exitCode).toBe(0);
    for (const word of ['Exit codes', 'not reachable', 'SOMA_API_TOKEN_FILE', 'config.json']) {
      expect(out).toContain(word);
    }
  });

  test.each([['-1,2'], ['-0.5'], ['-7']])('%s is a coord', async (coord) => {
    service.on('GET /memories', { body: { memory: { coord } } });
    expect((await soma(['get', coord, '--json'])).exitCode).toBe(0);
    expect((await soma(['--json', 'get', coord])).exitCode).toBe(0);
    expect(lines()).toEqual(Array(2).fill(`GET /memories/${encodeURIComponent(coord)}`));
  });
});

describe('memories', () => {
  test('put sends what it is given, from the line or the input', async () => {
    service.on('PUT /memories', { status: 201, body: { ...written, version: 1 } }, { body: written });
    const first = await soma([
      'put',
      'm',
      '{"a": 1}',
      '--tag',
      'x',
      '--tag',
      'y',
      '--ttl',
      '60',
      '--until',
      'indexed',
    ]);
    expect(first).toEqual({ exitCode: 0, out: 'm new, version 1, stored', notes: '' });
    const second = await soma(['put', 'm', '-'], { input: '{"b": 2}' });
    expect(second.out).toBe('m replaced, version 2, stored');
    expect(service.asked).toMatchObject([
      {
        line: 'PUT /memories/m?until=indexed',
        body: { payload: { a: 1 }, tags: ['x', 'y'], ttl_seconds: 60 },
      },
      { line: 'PUT /memories/m', body: { payload: { b: 2 } } },
    ]);
  });

  test('a payload that is no object is refused before it is sent', async () => {
    for (const payload of ['{', '[1]', 'null']) {
      const { exitCode, notes } = await soma(['put', 'm', payload]);
      expect([exitCode, notes]).toEqual([2, expect.stringContaining('the payload')]);
    }
    expect(lines()).toEqual([]);
  });

  test('delete says whether there was something', async () => {
    service.on(
      'DELETE /memories/m',
      { body: { ...written, deleted: true } },
      { body: { ...written, deleted: false } },
    );
    expect((await soma(['delete', 'm'])).out).toBe('m deleted, version 2, stored');
    expect((await soma(['delete', 'm'])).out).toBe('there was nothing at m');
  });

  test('search prints hits, and says when the answer is degraded', async () => {
    const memories = [{ coord: 'ada.tea', score: 0.98765, text: 'green\u001b[31m tea' }];
    const body = { memories, degraded: true, degraded_reasons: ['index_unavailable'] };
    service.on('POST /memories/search', { body });
    const { exitCode, out, notes } = await soma(['search', 'what', 'tea', '--filters', '{"user_id": "ada"}']);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/0\.988.*ada\.tea.*green \[31m tea/);
    expect(notes).toContain('index_unavailable');
    expect(service.asked[0]?.body).toEqual({ query: 'what tea', top_k: 5, filters: { user_id: 'ada' } });
  });

  test('search has colours on a screen, and none where NO_COLOR is set', async () => {
    const memories = [{ coord: 'ada.tea', score: 0.98765, text: 'green tea' }];
    service.on('POST /memories/search', { body: { memories, degraded: false, degraded_reasons: [] } });
    const green = '\u001b[32m0.988\u001b[39m';
    expect((await soma(['search', 'tea'], { columns: 80 })).out).toContain(green);
    for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
      expect((await soma(['search', 'tea'], { columns: 80, env })).out).not.toContain('\u001b');
  });

  test('get asks for a version or a time', async () => {
    service.on('GET /memories/m', { body: { memory: { version: 3 } } });
    expect((await soma(['get', 'm', '--version', '3'])).out).toContain('"version": 3');
    await soma(['get', 'm', '--as-of', '2026-01-31T12:00:00Z']);
    expect(lines()).toEqual(['GET /memories/m?version=3', 'GET /memories/m?as_of=2026-01-31T12%3A00%3A00Z']);
  });

  test('--json gives the answer as it came', async () => {
    service.on('GET /stats', { body: { memories: 3, by_type: { episodic: 3 } } });
    expect(JSON.parse((await soma(['stats', '--json'])).out)).toEqual({
      memories: 3,
      by_type: { episodic: 3 },
    });
    expect((await soma(['stats'])).out).toBe('memories          3\nby_type.episodic  3');
    expect(service.asked[0]?.headers.authorization).toBeUndefined();
  });
});

describe('lists', () => {
  const memory = {
    coord: 'ada.tea',
    user_id: 'ada',
    text: 'green tea',
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-02T00:00:00Z',
    occurred_at: null,
  };
  const queryOf = (line = '') => Object.fromEntries(new URL(line.slice(4), 'http://x').searchParams);

  test('list prints a page and how to go on', async () => {
    service.on('GET /memories?', { body: { memories: [memory], next_cursor: 'next' } });
    const { out } = await soma(['list', '--order', 'updated_at', '--direction', 'desc', '--user-id', 'ada']);
    expect(out).toMatch(/ada\.tea.*2026-01-02T00:00:00Z.*ada.*green tea/);
    expect(out).toContain('more: --cursor next');
    const narrowed = ['--agent-id', 'a', '--thread-id', 't', '--memory-type', 'semantic', '--tag', 'x'];
    const when = ['--since', '2026-01-01T00:00:00Z', '--until', '2027-01-01T00:00:00Z'];
    await soma(['list', ...narrowed, ...when, '--filters', '{"a": 1}', '--limit', '7', '--cursor', 'next']);
    expect(lines().map(queryOf)).toEqual([
      { user_id: 'ada', order: 'updated_at', direction: 'desc', limit: '50' },
      {
        agent_id: 'a',
        thread_id: 't',
        memory_type: 'semantic',
        tag: 'x',
        filters: '{"a":1}',
        since: '2026-01-01T00:00:00Z',
        until_time: '2027-01-01T00:00:00Z',
        order: 'created_at',
        direction: 'asc',
        limit: '7',
        cursor: 'next',
      },
    ]);
  });

  test('an empty page may have more behind it', async () => {
    service.on('GET /memories?', { body: { memories: [], next_cursor: 'next' } });
    expect((await soma(['list'])).out).toBe('nothing here\nmore: --cursor next');
  });

  test('filters that are no object are refused before they are sent', async () => {
    for (const command of ['list', 'count']) {
      const { exitCode, notes } = await soma([command, '--filters', '[1]']);
      expect([exitCode, notes]).toEqual([2, expect.stringContaining('--filters')]);
    }
    expect(lines()).toEqual([]);
  });

  test('count prints the number alone', async () => {
    service.on('POST /memories/count', { body: { count: 12 } });
    expect((await soma(['count', '--tag', 'x', '--filters', '{"a": 1}'])).out).toBe('12');
    expect(service.asked[0]?.body).toEqual({ tag: 'x', filters: { a: 1 } });
  });

  test('range takes corners that begin with a minus', async () => {
    service.on('GET /memories/range', { body: { memories: [memory], next_cursor: null } });
    expect((await soma(['range', '-1,-2', '3,4', '--limit', '5'])).out).toContain('ada.tea');
    expect(queryOf(lines()[0])).toEqual({ min: '-1,-2', max: '3,4', limit: '5' });
  });

  test('history prints versions, deletions among them', async () => {
    const version = { at: '2026-01-01T00:00:00Z', operation_id: 'op', issuer: 'api-token' };
    const versions = [
      { ...version, version: 2, deleted: true, memory: null },
      { ...version, version: 1, deleted: false, memory: { text: 'green tea' } },
    ];
    service.on('GET /memories/m/history', { body: { versions, next_cursor: null } });
    const { out } = await soma(['history', 'm']);
    expect(out).toMatch(/2 .*api-token.*op.*\(deleted\)[^(]*\n.*1 .*green tea/);
    expect(lines()).toEqual(['GET /memories/m/history?limit=50']);
  });
});

describe('a refusal', () => {
  test('ends with 1 and says code, place, and when to come again', async () => {
    const errors = [{ pointer: '/payload', detail: 'is too deep' }];
    const body = { code: 'overloaded', detail: 'too much', errors };
    service.on('PUT /memories', { status: 503, body, headers: { 'Retry-After': '7' } });
    const { exitCode, notes } = await soma(['put', 'm', '{}']);
    expect(exitCode).toBe(1);
    expect(notes).toBe('soma: overloaded: too much\n  /payload: is too deep\nTry again in 7 s.');
  });

  test('of the token says where the token is from', async () => {
    service.on('GET /memories', { status: 401, body: { code: 'invalid_token', detail: 'unknown' } });
    const { exitCode, notes } = await soma(['get', 'm']);
    expect([exitCode, notes]).toEqual([1, expect.stringContaining('from SOMA_API_TOKEN')]);
  });

  test('of a route that is not there says that the service is older', async () => {
    expect((await soma(['jobs', 'list'])).notes).toContain('older than this soma');
  });
});

describe('dead letters', () => {
  const letter = {
    id: 7,
    status: 'open',
    group: 'writer',
    topic: 'memory.commands',
    partition: 3,
    position: 99,
    generation: 1,
    code: 'schema_mismatch',
    message: 'it does not fit',
    attempts: 1,
    namespace: 'team',
    coord: 'm',
    command_id: 'c',
    first_failed_at: '2026-01-01T00:00:00Z',
    recorded_at: '2026-01-01T00:00:01Z',
  };

  test('list prints open ones of all namespaces, whatever the default namespace is', async () => {
    service.on('GET /admin/dead-letters', { body: { dead_letters: [letter], next_cursor: 'next' } });
    const env = { SOMA_NAMESPACE: 'team' };
    const { out } = await soma(['dead-letters', 'list', '--code', 'schema_mismatch'], { env });
    expect(out).toMatch(/7.*open.*writer.*memory\.commands\/3@99.*schema_mismatch.*team.*m/);
    expect(out).toContain('--cursor next');
    await soma(['dead-letters', 'list', '--namespace', 'team', '--status', 'all', '--cursor', 'next']);
    const queries = lines().map((line) =>
      Object.fromEntries(new URL(line.slice(4), 'http://x').searchParams),
    );
    expect(queries).toEqual([
      { status: 'open', code: 'schema_mismatch', limit: '50' },
      { namespace: 'team', limit: '50', cursor: 'next' },
    ]);
  });

  test('show prints the record, or its bytes where it cannot be read', async () => {
    const current = { version: 4, deleted: false, updated_at: '2026-01-02T00:00:00Z', newer: true };
    const whole = { ...letter, key: 'team/m', headers: { a: 'b' }, value_base64: 'AAE=', current };
    const readable = { ...whole, record: { type: 'StoreMemory' }, decode_error: null };
    const error = { code: 'undecodable_record', detail: 'no schema id' };
    service.on(
      'GET /admin/dead-letters/7',
      { body: { dead_letter: readable } },
      { body: { dead_letter: { ...whole, record: null, decode_error: error } } },
    );
    const first = await soma(['dead-letters', 'show', '7']);
    expect(first.out).toContain('"StoreMemory"');
    expect(first.out).toContain('redrive needs --force');
    const second = await soma(['dead-letters', 'show', '7']);
    expect(second.out).toMatch(/unreadable +undecodable_record: no schema id\nbytes \(base64\) +AAE=/);
  });

  test('redrive does all it can and ends with 1 when one was refused', async () => {
    service.on('POST /admin/dead-letters/7/', { body: { dead_letter: letter, operation_id: 'op' } });
    service.on('POST /admin/dead-letters/8/', {
      status: 412,
      body: { code: 'version_conflict', detail: 'newer' },
    });
    service.on('POST /admin/dead-letters/9/', { body: { dead_letter: letter, operation_id: null } });
    const { exitCode, out, notes } = await soma(['dead-letters', 'redrive', '7', '8', '9', '--force']);
    expect(exitCode).toBe(1);
    expect(out).toBe('7 sent again; what becomes of it: GET /operations/op in namespace team\n9 sent again');
    expect(notes).toContain('dead letter 8: version_conflict: newer');
    expect(service.asked.map(({ body }) => body)).toEqual(Array(3).fill({ force: true }));
  });

  test('discard puts aside', async () => {
    service.on('POST /admin/dead-letters/7/discard', { body: { dead_letter: letter } });
    expect(await soma(['dead-letters', 'discard', '7'])).toEqual({
      exitCode: 0,
      out: '7 discarded',
      notes: '',
    });
  });
});
