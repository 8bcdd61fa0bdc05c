import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SomaError, type JsonObject } from '@soma/memory';
import { importAnswer } from '../schemas/transfer.js';
import { startGateway, type CallOptions, type RunningGateway } from '../test/running-gateway.js';
import { newToken } from '../test/new-token.js';

let running: RunningGateway;
beforeEach(async () => {
  running = await startGateway({ SOMA_MAX_BODY_BYTES: '2000', SOMA_RATE_ADMIN: '1000' });
});
afterEach(() => running.stop());

const IN_LINES = { 'content-type': 'application/x-ndjson' };

const send = (body: string | Uint8Array, { headers, ...options }: CallOptions = {}, query = '') =>
  running.call('POST', `/admin/import${query}`, {
    body,
    headers: { ...IN_LINES, ...headers },
    ...options,
  });
const lines = (...values: unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const imported = async (...given: Parameters<typeof send>) => {
  const answer = await send(...given);
  expect(answer.status).toBe(200);
  importAnswer.parse(answer.json);
  return answer.json;
};
const exported = async (query = '', options: CallOptions = {}) => {
  const answer = await running.call('GET', `/admin/export${query}`, options);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
  const rows = answer.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
  return {
    rows,
    memories: rows.filter((row) => 'coord' in row),
    cursors: rows.filter((row) => !('coord' in row)),
  };
};
const get = async (coord: string) =>
  (await running.call('GET', `/memories/${coord}`)).json['memory'] as JsonObject;

const FULL = {
  coord: '42.0,17',
  payload: { a: [1, { b: null }], text: 'in the payload' },
  text: 'given',
  memory_type: 'semantic',
  user_id: 'ada',
  agent_id: 'ag',
  thread_id: 't',
  actor: 'Ada',
  tags: ['x', 'y'],
  importance: 0.25,
  occurred_at: '2024-01-02T03:04:05.000Z',
  expires_at: '2999-01-01T00:00:00.000Z',
};
const PLAIN = { coord: 'plain', payload: { text: 'tëxt ✓' }, memory_type: 'episodic', importance: 0.5 };

describe('an import', () => {
  test('stores each line as it is, and what is exported is the same', async () => {
    expect(await imported(lines(FULL, PLAIN))).toEqual({
      lines: 2,
      stored: 2,
      accepted: 0,
      failed: 0,
      errors: [],
    });
    expect(await get('42,17')).toMatchObject({ ...FULL, version: 1 });
    expect(await get('plain')).toMatchObject({ text: 'tëxt ✓' });
    const { rows } = await exported();
    expect(rows).toEqual([FULL, PLAIN, { next_cursor: null }]);
  });

  test('takes an export as it came, markers among it, and gzip', async () => {
    const text = lines(PLAIN, { next_cursor: 'x' }, { ...PLAIN, coord: 'other' }, { next_cursor: null });
    const packed = gzipSync(text);
    expect(await imported(packed, { headers: { 'content-encoding': 'gzip' } })).toMatchObject({
      lines: 4,
      stored: 2,
      failed: 0,
    });
  });

  test('tells of each bad line, and stores the others', async () => {
    const bad: [string | Buffer, string][] = [
      ['{"coord":"a"}', 'invalid_request'],
      ['{"coord":"a b","text":"x"}', 'invalid_coord'],
      ['no JSON', 'invalid_request'],
      ['{"text":"x","text":"y"}', 'invalid_request'],
      ['{"text":"x","unheard_of":1}', 'invalid_request'],
      ['[]', 'invalid_request'],
      [`{"text":"${'x'.repeat(3_000)}"}`, 'payload_too_large'],
      [Buffer.from([0x22, 0xff, 0x22]), 'invalid_request'],
    ];
    const body = Buffer.concat([
      Buffer.from(lines({ coord: 'first', text: 'x' })),
      ...bad.map(([line]) => Buffer.concat([Buffer.from(line), Buffer.from('\n')])),
      Buffer.from('\n{"coord":"last","text":"x","payload":{"__proto__":{"a":1}}}'),
    ]);
    const told = await imported(body);
    expect(told).toMatchObject({ lines: bad.length + 3, stored: 2, failed: bad.length });
    expect(told['errors']).toEqual(
      bad.map(([, code], at) => expect.objectContaining({ line: at + 2, code })),
    );
    expect(JSON.stringify(told)).not.toContain('unheard_of":1');
    expect(Object.keys((await get('last'))['payload'] as object)).toEqual(['__proto__']);
  });

  test('names a hundred bad lines, and counts the others', async () => {
    const told = await imported('{}\n'.repeat(150));
    expect(told).toMatchObject({ failed: 150 });
    expect(told['errors']).toHaveLength(100);
  });

  test('has the writer refuse what it refuses, by line', async () => {
    await running.call('PUT', '/memories/a', { body: { text: 'x' } });
    const refused = await imported(lines({ coord: 'a', text: 'x', expires_at: '2001-01-01T00:00:00Z' }));
    expect(refused).toMatchObject({ stored: 1, failed: 0 });
  });

  test('under a key makes nothing twice, nor when it goes on from where it was cut', async () => {
    const headers = { 'idempotency-key': 'backup' };
    const whole = lines({ text: 'a' }, { text: 'b' }, { text: 'c' });
    expect(await imported(lines({ text: 'a' }, { text: 'b' }), { headers })).toMatchObject({ stored: 2 });
    expect(await imported(whole, { headers }, '?first_line=2')).toMatchObject({ lines: 2, stored: 2 });
    expect(await imported(whole, { headers })).toMatchObject({ lines: 3, stored: 3 });
    const { memories } = await exported();
    expect(memories.map(({ payload, text }) => [payload, text])).toHaveLength(3);
    expect(await imported(lines({ text: 'another' }), { headers })).toMatchObject({
      failed: 1,
      errors: [{ line: 1, code: 'idempotency_key_reused' }],
    });
  });

  test('keeps the order of lines with one coord, also when the log is out for a while', async () => {
    let refusals = 0;
    running.log.failsFor = () => (refusals += 1) <= 3;
    const told = await imported(
      lines(...[1, 2, 3, 4].map((n) => ({ coord: 'same', payload: { n }, text: 'x' }))),
    );
    expect(told).toMatchObject({ stored: 4 });
    expect(refusals).toBe(7);
    expect(await get('same')).toMatchObject({ payload: { n: 4 }, version: 4 });
  });

  test('gives a token that covers all of it', async () => {
    const answer = await send(
      lines(...Array.from({ length: 600 }, (_, n) => ({ coord: `m${n}`, text: 'x' }))),
    );
    expect(answer.json).toMatchObject({ stored: 600 });
    const token = answer.headers.get('soma-consistency-token') ?? '';
    await running.call('GET', '/memories/m1', { headers: { 'soma-consistency-token': token } });
    expect(running.reads.asked.at(-1)?.options.after?.positions).toEqual({ 'memory.commands': { 0: 599 } });
  });

  test('that stops with the process says where to go on', async () => {
    let refusals = 0;
    running.log.failsFor = () => (refusals += 1) > 0;
    const sending = send(lines({ text: 'x' }, { text: 'y' }));
    while (refusals === 0) await new Promise(setImmediate);
    const stopping = running.gateway.stop();
    expect(await sending).toMatchObject({ status: 503, json: { code: 'shutting_down' } });
    expect((await sending).json['detail']).toContain('?first_line=1');
    await stopping;
  });

  test.each<[string, Record<string, string>, string | Uint8Array, number]>([
    ['JSON', { 'content-type': 'application/json' }, '{}', 415],
    ['another coding', { 'content-encoding': 'br' }, 'x', 415],
    ['half a gzip', { 'content-encoding': 'gzip' }, gzipSync('x'.repeat(99)).subarray(0, 20), 400],
    ['no gzip', { 'content-encoding': 'gzip' }, 'x', 400],
    ['nothing', {}, '', 400],
  ])('of %s is refused', async (_name, headers, body, status) => {
    expect((await send(body, { headers })).status).toBe(status);
  });

  test('is for admins, and so is an export; both leave a trace', async () => {
    const { secret: token } = await newToken(running, { role: 'writer', namespaces: ['default'] });
    expect((await send(lines(PLAIN), { token })).status).toBe(403);
    expect((await running.call('GET', '/admin/export', { token })).status).toBe(403);
    await imported(lines(PLAIN));
    await exported();
    const acts = (await running.call('GET', '/admin/audit')).json['acts'] as JsonObject[];
    expect(acts.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['importMemories', 'exportMemories']),
    );
  });
});

describe('an export', () => {
  beforeEach(async () => {
    const many = Array.from({ length: 450 }, (_, n) => ({
      coord: `m${1000 + n}`,
      text: 'x',
      user_id: `u${n % 2}`,
    }));
    expect(await imported(lines(...many))).toMatchObject({ stored: 450 });
  });

  test('has every memory once, and goes on where it was cut', async () => {
    const { memories, cursors } = await exported();
    expect(memories.map(({ coord }) => coord)).toEqual(Array.from({ length: 450 }, (_, n) => `m${1000 + n}`));
    expect(cursors).toHaveLength(3);
    const [first] = cursors;
    const rest = await exported(`?cursor=${first?.['next_cursor'] as string}`);
    expect(rest.memories).toEqual(memories.slice(200));
    expect(rest.cursors.at(-1)).toEqual({ next_cursor: null });
  });

  test('is narrowed, and its cursors belong to what narrows it', async () => {
    const { memories, cursors } = await exported('?user_id=u1');
    expect(memories).toHaveLength(225);
    const cursor = cursors[0]?.['next_cursor'] as string;
    for (const query of [`?cursor=${cursor}`, '?cursor=nonsense']) {
      const answer = await running.call('GET', `/admin/export${query}`);
      expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_cursor' } });
    }
  });

  test('that fails on its way does not look whole', async () => {
    const { reads } = running;
    const list = reads.list.bind(reads);
    let pages = 0;
    reads.list = (...asked) => {
      pages += 1;
      return pages === 1 ? list(...asked) : Promise.reject(new SomaError('store_unavailable', 'out'));
    };
    await expect(running.call('GET', '/admin/export')).rejects.toThrow();
    expect(pages).toBe(2);
  });
});
