import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTinyService, type Reply, type TinyService } from './test/tiny-service.js';
import { type } from './test/typed-line.js';

let service: TinyService;
let folder: string;
beforeEach(async () => {
  service = await startTinyService();
  folder = await mkdtemp(join(tmpdir(), 'soma-cli-'));
});
afterEach(async () => {
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

const soma = (...line: string[]) =>
  type(line, { folder, env: { SOMA_URL: service.url, SOMA_API_TOKEN: 't' } });
const row = (coord: string) => `{"coord":"${coord}"}\n`;
const marker = (cursor: string | null) => `${JSON.stringify({ next_cursor: cursor })}\n`;
const lines = (text: string): Reply => ({ text, headers: { 'Content-Type': 'application/x-ndjson' } });
const inFolder = (name: string) => readFileSync(join(folder, name), 'utf8');
const stored = (count: number): Reply => ({ body: { stored: count, accepted: 0, failed: 0, errors: [] } });
const BUSY: Reply = { status: 503, body: { code: 'overloaded', detail: 'too much to do' } };
const asked = () => service.asked.map(({ line }) => line);

describe('export', () => {
  test('writes a file, as the alias does, and to the output without the markers', async () => {
    service.on('GET /admin/export', lines(row('a') + marker('c1') + row('b') + marker(null)));
    expect(await soma('export', 'out.jsonl')).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('2 memories'),
    });
    expect(inFolder('out.jsonl')).toBe(row('a') + marker('c1') + row('b') + marker(null));
    expect((await soma('export-memories')).out).toBe((row('a') + row('b')).trimEnd());
  });

  test('that was cut goes on from its last cursor, and says that it was cut', async () => {
    service.on('GET /admin/export', lines(row('a') + marker('c1') + row('b') + '{"coord":"half'));
    expect(await soma('export', 'out.jsonl')).toMatchObject({
      exitCode: 3,
      notes: expect.stringContaining('goes on'),
    });
    expect(inFolder('out.jsonl')).toBe(row('a') + marker('c1'));
    service.on('GET /admin/export', lines(row('b') + row('c') + marker(null)));
    expect((await soma('export', 'out.jsonl')).out).toContain('3 memories');
    expect(asked().at(-1)).toBe('GET /admin/export?cursor=c1');
    expect(inFolder('out.jsonl')).toBe(row('a') + marker('c1') + row('b') + row('c') + marker(null));
  });

  test('leaves what is whole, or something else, alone unless forced', async () => {
    await writeFile(join(folder, 'whole.jsonl'), row('a') + marker(null));
    await writeFile(join(folder, 'other.txt'), 'a letter\n');
    for (const file of ['whole.jsonl', 'other.txt']) expect((await soma('export', file)).exitCode).toBe(2);
    expect(asked()).toEqual([]);
    service.on('GET /admin/export', lines(marker(null)));
    expect((await soma('export', 'whole.jsonl', '--force')).exitCode).toBe(0);
    expect(inFolder('whole.jsonl')).toBe(marker(null));
  });

  test('is narrowed', async () => {
    service.on('GET /admin/export', lines(marker(null)));
    await soma('export', '--user-id', 'ada', '--filters', '{"topic": "tea"}');
    expect(asked()).toEqual(['GET /admin/export?user_id=ada&filters=%7B%22topic%22%3A%22tea%22%7D']);
  });
});

describe('import', () => {
  const bodies = () => service.asked.map(({ body }) => body);
  const keys = () => service.asked.map(({ headers }) => headers['idempotency-key']);
  const many = Array.from({ length: 4_500 }, (_, n) => row(`m${n}`));

  test.each([
    ['lines', (text: string) => Buffer.from(text), 'in.jsonl'],
    ['packed lines', (text: string) => gzipSync(text), 'in.jsonl.gz'],
  ])('sends %s in parts, each under its own key', async (_name, made, name) => {
    await writeFile(join(folder, name), made(many.join('').trimEnd()));
    service.on('POST /admin/import', stored(2_000), stored(2_000), stored(500));
    expect(await soma('import', name)).toMatchObject({ exitCode: 0, out: '4500 memories are stored' });
    expect(bodies().join('')).toBe(many.join('').trimEnd());
    expect(new Set(keys()).size).toBe(3);
    expect(existsSync(join(folder, `${name}.importing`))).toBe(false);
  });

  test('goes on where it was stopped, with what it knew', async () => {
    await writeFile(join(folder, 'in.jsonl'), many.join(''));
    service.on('POST /admin/import', stored(2_000), {
      status: 403,
      body: { code: 'forbidden', detail: 'no' },
    });
    expect((await soma('import', 'in.jsonl')).exitCode).toBe(1);
    service.on('POST /admin/import', stored(2_000), stored(500));
    const before = service.asked.length;
    expect(await soma('import', 'in.jsonl')).toMatchObject({ out: '4500 memories are stored' });
    expect(service.asked).toHaveLength(before + 2);
    expect(keys()[1]).toBe(keys()[2]);
  });

  test('begins anew when the file has changed', async () => {
    await writeFile(join(folder, 'in.jsonl'), many.join(''));
    service.on('POST /admin/import', stored(2_000), {
      status: 403,
      body: { code: 'forbidden', detail: 'no' },
    });
    await soma('import', 'in.jsonl');
    await writeFile(join(folder, 'in.jsonl'), row('a'));
    service.on('POST /admin/import', stored(1));
    expect(await soma('import', 'in.jsonl')).toMatchObject({ out: '1 memories are stored' });
    expect(bodies().at(-1)).toBe(row('a'));
  });

  test('waits for a service that has too much to do', async () => {
    await writeFile(join(folder, 'in.jsonl'), row('a'));
    service.on('POST /admin/import', BUSY, BUSY, stored(1));
    expect((await soma('import-memories', 'in.jsonl')).exitCode).toBe(0);
    expect(new Set(keys()).size).toBe(1);
  });

  test('tells which lines of the file were refused', async () => {
    await writeFile(join(folder, 'in.jsonl'), many.join(''));
    const error = { line: 7, coord: 'm2006', code: 'invalid_request', detail: 'payload is needed' };
    service.on(
      'POST /admin/import',
      stored(2_000),
      { body: { stored: 1_999, accepted: 0, failed: 1, errors: [error] } },
      stored(500),
    );
    const { exitCode, out } = await soma('import', 'in.jsonl');
    expect(exitCode).toBe(1);
    expect(out).toBe('line 2007 (m2006): invalid_request: payload is needed\n4499 memories are stored');
  });

  test('of what is not there sends nothing', async () => {
    expect((await soma('import', 'none.jsonl')).exitCode).toBe(2);
    await writeFile(join(folder, 'bad.gz'), 'no gzip');
    expect((await soma('import', 'bad.gz')).exitCode).toBe(2);
    expect(asked()).toEqual([]);
  });
});
