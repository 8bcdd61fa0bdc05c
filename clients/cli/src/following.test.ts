import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTinyService, type TinyService } from './test/tiny-service.js';
import { type, type TypedOptions } from './test/typed-line.js';

let service: TinyService;
let folder: string;
beforeEach(async () => {
  service = await startTinyService();
  folder = await mkdtemp(join(tmpdir(), 'soma-cli-'));
});
afterEach(async () => {
  await service.close();
  await rm(folder, { recursive: true });
});

function soma(line: string[], options: TypedOptions = {}) {
  const env = { SOMA_URL: service.url, SOMA_API_TOKEN: 't', ...options.env };
  return type(line, { folder, ...options, env });
}

const busy = { status: 503, body: { code: 'overloaded', detail: 'too much' } };

describe('watch', () => {
  const change = (coord: string, text: string | null) => ({
    id: `id-${coord}`,
    event: text === null ? 'memory.deleted' : 'memory.stored',
    data: { coord, version: 1, at: '2026-01-01T00:00:00Z', memory: text === null ? null : { text } },
  });
  const page = (next: string, ...events: object[]) => ({ body: { events, next } });

  test('shows a line for each change, and goes on behind it after an outage', async () => {
    service.on(
      'GET /events',
      page('p1'),
      page('p2', change('a', 'tea\u001b[2J')),
      busy,
      busy,
      page('p3', change('b', null)),
    );
    const { exitCode, out, notes } = await soma(['watch', '--user-id', 'ada', '--count', '2']);
    expect(exitCode).toBe(0);
    expect(out).toBe('2026-01-01T00:00:00Z  a  v1  tea [2J\n2026-01-01T00:00:00Z  b  v1  (deleted)');
    expect(notes.match(/overloaded/g)).toHaveLength(1);
    expect(service.asked.map(({ line, headers }) => `${line} ${String(headers.prefer)}`)).toEqual([
      'GET /events?user_id=ada wait=0',
      'GET /events?user_id=ada&after=p1 wait=25',
      'GET /events?user_id=ada&after=p2 wait=25',
      'GET /events?user_id=ada&after=p2 wait=25',
      'GET /events?user_id=ada&after=p2 wait=25',
    ]);
  });

  test('ends at Ctrl-C, and at what no waiting mends', async () => {
    service.on('GET /events', busy);
    const interrupted = await soma(['watch'], { interruptAt: (note) => note.includes('overloaded') });
    expect(interrupted.exitCode).toBe(130);
    service.on('GET /events', { status: 410, body: { code: 'cursor_expired', detail: 'too old' } });
    expect(await soma(['watch', '--after', 'x'])).toMatchObject({
      exitCode: 1,
      notes: expect.stringContaining('cursor_expired'),
    });
  });
});

describe('batch', () => {
  const ok = (coord: string) => ({ coord, ok: true });
  const sent = () => service.asked.map(({ body }) => (body as { operations: object[] }).operations);
  const keys = () => service.asked.map(({ headers }) => headers['idempotency-key']);

  test('does the writes of JSON Lines, some at a time, again after an outage under the same keys', async () => {
    service.on(
      'POST /memories/batch',
      busy,
      { body: { results: [ok('a'), ok('b')] } },
      { body: { results: [ok('c')] } },
    );
    const input = '{"coord": "a", "text": "tea"}\n\n{"op": "delete", "coord": "b"}\n{"coord": "c"}\n';
    expect(await soma(['batch', '--size', '2'], { input })).toMatchObject({
      exitCode: 0,
      out: '3 writes are done',
    });
    expect(sent().slice(1)).toEqual([
      [
        { op: 'put', coord: 'a', text: 'tea' },
        { op: 'delete', coord: 'b' },
      ],
      [{ op: 'put', coord: 'c' }],
    ]);
    const [first, again, second] = keys();
    expect([first === again, first === second]).toEqual([true, false]);
  });

  test('has other keys for other content, and with --again', async () => {
    service.on('POST /memories/batch', { body: { results: [ok('a')] } });
    const input = '{"coord": "a"}';
    for (const line of [['batch'], ['batch'], ['batch', '--again']]) await soma(line, { input });
    await soma(['batch'], { input: '{"coord": "b"}' });
    expect(keys()[0]).toBe(keys()[1]);
    expect(new Set(keys()).size).toBe(3);
  });

  test('takes CSV: known columns are attributes, others are of the payload', async () => {
    await writeFile(
      join(folder, 'teas.csv'),
      'coord,text,tags,importance,topic\na,"green, hot",x y,0.5,tea\nb,,,,navy\n',
    );
    service.on('POST /memories/batch', { body: { results: [ok('a'), ok('b')] } });
    expect((await soma(['batch', 'teas.csv'])).exitCode).toBe(0);
    const green = { text: 'green, hot', tags: ['x', 'y'], importance: 0.5, payload: { topic: 'tea' } };
    expect(sent()).toEqual([
      [
        { op: 'put', coord: 'a', ...green },
        { op: 'put', coord: 'b', payload: { topic: 'navy' } },
      ],
    ]);
  });

  test('tells refused writes by their line', async () => {
    const error = { code: 'invalid_coord', detail: 'no coord' };
    service.on('POST /memories/batch', { body: { results: [ok('a'), { coord: '1,x', ok: false, error }] } });
    const { exitCode, out } = await soma(['batch'], { input: '{"coord": "a"}\n\n{"coord": "1,x"}' });
    expect({ exitCode, out }).toEqual({
      exitCode: 1,
      out: 'line 3 (1,x): invalid_coord: no coord\n1 writes are done',
    });
  });

  test('sends nothing of what is no JSON Lines or no CSV, and says which lines', async () => {
    const bad = await soma(['batch'], { input: '{"coord": "a"}\n[1]\nnot json\n' });
    expect(bad).toMatchObject({
      exitCode: 2,
      notes: expect.stringContaining('line 2 is no JSON object\nline 3'),
    });
    const csv = await soma(['batch', '--csv'], { input: 'coord,text\na,b,c\n' });
    expect(csv).toMatchObject({ exitCode: 2, notes: expect.stringContaining('line 2') });
    expect(await soma(['batch', 'none.jsonl'])).toMatchObject({ exitCode: 2 });
    expect(service.asked).toEqual([]);
  });
});

describe('operation', () => {
  test('shows what became of a write, and waits for it', async () => {
    const is = (status: string) => ({ body: { operation_id: 'o1', status, coord: 'a' } });
    service.on('GET /operations/o1', is('accepted'), is('stored'), is('indexed'));
    expect((await soma(['operation', 'o1'])).out).toMatch(/status\s+accepted/);
    expect((await soma(['operation', 'o1', '--wait'])).out).toMatch(/status\s+indexed/);
    service.on('GET /operations/o2', is('rejected'));
    expect((await soma(['operation', 'o2'])).exitCode).toBe(1);
  });
});

describe('doctor', () => {
  const healthy = { body: { ready: true, dependencies: { store: true, index: true } } };

  test('finds nothing wrong', async () => {
    service.on('GET /ping', { body: { ping: 'pong' } });
    service.on('GET /readyz', healthy);
    service.on('POST /memories/count', { body: { count: 0 } });
    const { exitCode, out } = await soma(['doctor']);
    expect(exitCode).toBe(0);
    expect(out).not.toContain('WRONG');
  });

  test('says what to do about each thing that is wrong', async () => {
    service.on('GET /ping', { body: { ping: 'pong' }, headers: { Date: 'Thu, 01 Jan 2026 00:00:00 GMT' } });
    service.on('GET /readyz', {
      status: 503,
      body: { ready: false, dependencies: { store: false, index: true } },
    });
    service.on('POST /memories/count', { status: 401, body: { code: 'invalid_token', detail: 'unknown' } });
    const { exitCode, out } = await soma(['doctor', '--write']);
    expect(exitCode).toBe(1);
    for (const advice of ['NTP', 'SOMA_POSTGRES_URL', 'does not know the token from SOMA_API_TOKEN'])
      expect(out).toContain(advice);
    expect(out).not.toContain('SOMA_QDRANT_URL');
  });

  test('says where it looked when nobody is there', async () => {
    const url = 'http://127.0.0.1:9';
    // Whoever runs this may have started the service from here.
    const env = { SOMA_URL: url, SOMA_API_TOKEN: '', SOMA_DATA_DIR: '/nowhere' };
    const { exitCode, out } = await soma(['doctor'], { env });
    expect(exitCode).toBe(1);
    expect(out).toContain(`${url} (SOMA_URL)`);
    expect(out).toContain('npm start');
    expect(out).toContain('Give --token');
  });

  test('tells of a config file that others can read', async () => {
    const { mkdir, chmod } = await import('node:fs/promises');
    const file = join(folder, '.config', 'soma', 'config.json');
    await mkdir(join(folder, '.config', 'soma'), { recursive: true });
    await writeFile(file, JSON.stringify({ token: 'secret' }), { mode: 0o644 });
    service.on('GET /ping', { body: { ping: 'pong' } });
    service.on('GET /readyz', healthy);
    service.on('POST /memories/count', { body: { count: 0 } });
    const options = { home: folder, env: { SOMA_API_TOKEN: '' } };
    expect((await soma(['doctor'], options)).out).toContain(`chmod 600 ${file}`);
    await chmod(file, 0o600);
    const { exitCode, out } = await soma(['doctor'], options);
    expect([exitCode, out.includes('secret')]).toEqual([0, false]);
  });
});
