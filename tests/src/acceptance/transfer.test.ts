import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { Client, tokenOf } from './client.js';

interface Told {
  lines: number;
  stored: number;
  accepted: number;
  failed: number;
  errors: { line: number; code: string }[];
}

const load = (client: Client, lines: readonly string[], headers: Record<string, string> = {}, query = '') => {
  const text = `${lines.join('\n')}\n`;
  const raw = headers['Content-Encoding'] === 'gzip' ? new Uint8Array(gzipSync(text)) : text;
  return client.call<Told>('POST', `/admin/import${query}`, {
    raw,
    headers: { 'Content-Type': 'application/jsonl', ...headers },
  });
};

async function exported(client: Client, query = ''): Promise<JsonObject[]> {
  const { status, text } = await client.call('GET', `/admin/export${query}`, {
    headers: { Accept: 'application/x-ndjson' },
  });
  expect(status).toBe(200);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JsonObject);
}

const memories = (rows: readonly JsonObject[]) => rows.filter((row) => !('next_cursor' in row));

describe('export and import', () => {
  test('a namespace comes out as it went in, into another one too', async () => {
    const [client, other] = [new Client(), new Client()];
    await client.put('42.0,17', {
      payload: { text: 'naïve ✓', __proto: { a: [null, 1.5, -0.1] } },
      text: 'said otherwise',
      user_id: 'ada',
      thread_id: 't',
      actor: 'Ada',
      tags: ['x'],
      importance: 0.25,
      memory_type: 'semantic',
      occurred_at: '2024-01-02T03:04:05Z',
      expires_at: '2999-01-01T00:00:00Z',
    });
    await client.put('plain', { payload: { text: 'a plain one' } });
    await client.put('gone', { payload: {}, text: 'x' });
    await client.delete('gone');
    const rows = await exported(client);
    expect(memories(rows).map(({ coord }) => coord)).toEqual(['42.0,17', 'plain']);
    expect(rows.at(-1)).toEqual({ next_cursor: null });
    const answer = await load(
      other,
      rows.map((row) => JSON.stringify(row)),
      { 'Content-Encoding': 'gzip' },
    );
    expect(answer.body).toMatchObject({ lines: 3, stored: 2, failed: 0, errors: [] });
    const read = await other.get('42,17', { 'Soma-Consistency-Token': tokenOf(answer) });
    expect(read.body.memory).toMatchObject({
      payload: { text: 'naïve ✓' },
      text: 'said otherwise',
      version: 1,
    });
    expect(await exported(other)).toEqual(rows);
  });

  test('bad lines are told of by number, the others are stored, and a repeat makes nothing twice', async () => {
    const client = new Client();
    const lines = [
      '{"coord":"a","text":"x"}',
      'nonsense',
      '{"text":"unnamed"}',
      '{"coord":"b b","text":"x"}',
    ];
    const key = { 'Idempotency-Key': 'once' };
    const first = await load(client, lines, key);
    expect(first.body).toMatchObject({ lines: 4, stored: 2, failed: 2 });
    expect(first.body.errors.map(({ line, code }) => [line, code])).toEqual([
      [2, 'invalid_request'],
      [4, 'invalid_coord'],
    ]);
    const again = await load(client, lines, key);
    expect(again.body).toEqual(first.body);
    expect((await load(client, lines, key, '?first_line=3')).body).toMatchObject({ lines: 2, stored: 1 });
    const rows = memories(await exported(client));
    expect(rows).toHaveLength(2);
    expect((await client.get('a')).body.memory.version).toBe(1);
  });

  test('more than a page comes out once each, and goes on from a cursor', async () => {
    const client = new Client();
    const coords = Array.from({ length: 450 }, (_, n) => `m${1000 + n}`);
    const { body } = await load(
      client,
      coords.map((coord) => JSON.stringify({ coord, text: 'x' })),
    );
    expect(body).toMatchObject({ stored: 450, failed: 0 });
    const rows = await exported(client);
    expect(memories(rows).map(({ coord }) => coord)).toEqual(coords);
    const cursor = rows.find((row) => 'next_cursor' in row)?.['next_cursor'] as string;
    expect(memories(await exported(client, `?cursor=${cursor}`)).map(({ coord }) => coord)).toEqual(
      coords.slice(200),
    );
  });
});
