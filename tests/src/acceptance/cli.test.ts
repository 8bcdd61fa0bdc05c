import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ROOT } from '../system/index.js';
import { freePort } from '@soma/testing';
import type { SearchAnswer } from './answers.js';
import { Client, target } from './client.js';
import { run, SOMA, type Ended } from './run-program.js';

const namespace = `cli-${randomBytes(6).toString('hex')}`;
let env: Record<string, string>;
beforeAll(async () => {
  const { url, token } = target();
  const home = await mkdtemp(join(tmpdir(), 'soma-cli-'));
  env = { HOME: home, SOMA_URL: url, SOMA_API_TOKEN: token, SOMA_NAMESPACE: namespace };
});
afterAll(() => rm(env['HOME'] ?? '', { recursive: true }));

function soma(...line: string[]): Promise<Ended> {
  return run(SOMA, line, env);
}

describe('soma', () => {
  test('keeps, finds, shows and deletes memories', async () => {
    const put = await soma('put', 'ada.tea', '{"text": "Ada prefers green tea"}', '--until', 'indexed');
    expect(put).toMatchObject({ exitCode: 0, out: 'ada.tea new, version 1, indexed\n' });
    const found = await soma('search', 'green', 'tea', '--json');
    expect((JSON.parse(found.out) as SearchAnswer).memories.map(({ coord }) => coord)).toEqual(['ada.tea']);
    expect((await soma('search', 'green', 'tea')).out).toContain('Ada prefers green tea');
    const shown = await soma('get', 'ada.tea');
    expect(JSON.parse(shown.out)).toMatchObject({ coord: 'ada.tea', namespace, version: 1 });
    expect((await soma('delete', 'ada.tea')).out).toContain('ada.tea deleted');
    expect(await soma('get', 'ada.tea')).toMatchObject({
      exitCode: 1,
      notes: expect.stringContaining('memory_not_found'),
    });
  });

  test('takes a coord that begins with a minus', async () => {
    expect((await soma('put', '-1,2', '{"at": "the gate"}')).exitCode).toBe(0);
    const { body } = await new Client({ namespace }).get('-1,2');
    expect(body.memory.payload).toEqual({ at: 'the gate' });
    expect((await soma('get', '-1,2')).out).toContain('the gate');
  });

  test('lists, counts, looks into a box and into the past', async () => {
    const own = ['--namespace', `${namespace}-lists`];
    await soma('put', '1,1', '{"text": "first"}', '--user-id', 'ada', ...own);
    await soma('put', '1,1', '{"text": "second"}', '--user-id', 'ada', ...own);
    await soma('put', '-2,1', '{"text": "other"}', ...own);
    expect((await soma('list', '--user-id', 'ada', ...own)).out).toContain('second');
    const [head, cursor = ''] = (await soma('list', '--limit', '1', ...own)).out.split('more: --cursor ');
    expect(head).toContain('second');
    expect((await soma('list', '--cursor', cursor.trim(), ...own)).out).toContain('other');
    expect((await soma('count', '--filters', '{"text": "other"}', ...own)).out).toBe('1\n');
    expect((await soma('range', '-2,0', '0,1', ...own)).out).toContain('other');
    expect((await soma('history', '1,1', ...own)).out).toContain('first');
    expect((await soma('get', '1,1', '--version', '1', ...own)).out).toContain('first');
    expect((await soma('get', '1,1', '--as-of', new Date().toISOString(), ...own)).out).toContain('second');
    expect((await soma('get', '1,1', '--version', '9', ...own)).notes).toContain('memory_not_found');
  });

  test('links memories, walks, and writes many', async () => {
    const own = ['--namespace', `${namespace}-graph`];
    const rows = ['coord,text,topic', 'a,one,tea', 'b,two,navy', '-3,three,tea'].join('\\n');
    const csv = `printf '${rows}' | ${SOMA} batch --csv ${own.join(' ')}`;
    expect(await run('bash', ['-c', csv], env)).toMatchObject({ exitCode: 0, out: '3 writes are done\n' });
    expect(JSON.parse((await soma('get', '-3', ...own)).out)).toMatchObject({ payload: { topic: 'tea' } });
    expect((await soma('link', 'a', 'b', '--weight', '2', ...own)).out).toBe('a -related-> b: new\n');
    await soma('link', 'b', '-3', ...own);
    expect((await soma('neighbors', 'a', '--depth', '2', ...own)).out).toContain('three');
    expect((await soma('path', 'a', '-3', ...own)).out).toContain('cost 1.500');
    expect((await soma('unlink', 'b', '-3', ...own)).out).toContain('removed');
    expect(await soma('path', 'a', '-3', ...own)).toMatchObject({
      exitCode: 1,
      notes: expect.stringContaining('no_path'),
    });
  });

  test('watches what changes, and tells what became of a write', async () => {
    const own = ['--namespace', `${namespace}-watched`];
    const { out } = await soma('put', 'a', '{"text": "one"}', '--json', ...own);
    const { operation_id } = JSON.parse(out) as { operation_id: string };
    const since = new Date(Date.now() - 3_600_000).toISOString();
    const seen = await soma('watch', '--since', since, '--count', '1', '--json', ...own);
    expect(JSON.parse(seen.out)).toMatchObject({
      event: 'memory.stored',
      data: { coord: 'a', operation_id },
    });
    expect((await soma('operation', operation_id, '--wait', ...own)).out).toContain('indexed');
  });

  test('lists dead letters of a namespace that has none', async () => {
    expect(await soma('dead-letters', 'list', '--namespace', namespace)).toMatchObject({
      exitCode: 0,
      out: 'no dead letters\n',
    });
  });

  test('verifies every projection of a namespace', async () => {
    const { exitCode, out, notes } = await soma('verify', '--namespace', namespace);
    expect({ exitCode, out, notes }).toEqual({
      exitCode: 0,
      out: expect.stringContaining('no differences left'),
      notes: expect.any(String),
    });
    for (const projection of ['index', 'cache', 'graph'])
      expect(notes).toContain(`verify-${projection} done`);
  });

  test('says where it looked when nobody is there', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { exitCode, notes } = await soma('stats', '--url', url);
    expect({ exitCode, notes }).toEqual({ exitCode: 3, notes: expect.stringContaining(url) });
  });

  test('tells a wrong token from a wrong address', async () => {
    const { exitCode, notes } = await soma('get', 'm', '--token', 'wrong');
    expect({ exitCode, notes }).toEqual({ exitCode: 1, notes: expect.stringContaining('invalid_token') });
  });
});

describe('the commands of its README, pasted as they stand', () => {
  const readme = readFileSync(join(ROOT, 'clients', 'cli', 'README.md'), 'utf8');
  const lines = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) =>
    block.trim().split('\n'),
  );

  // The programs run in the folder of the tests, and write these.
  const removeFiles = async (): Promise<void> => {
    for (const name of ['memories.jsonl', 'delete.json'])
      await rm(join(ROOT, 'tests', name), { force: true });
  };
  beforeAll(removeFiles);
  afterAll(removeFiles);

  test('there are some', () => {
    expect(lines.length).toBeGreaterThan(8);
  });

  test.each(lines)('%s', async (line) => {
    // The lines name no namespace, or their own. What is not installed here is not to be fetched from elsewhere.
    const elsewhere = { ...env, SOMA_NAMESPACE: '', npm_config_offline: 'true' };
    const { exitCode, notes } = await run('bash', ['-c', line], elsewhere);
    // What went wrong is in the notes.
    expect(exitCode === 0 ? '' : `${exitCode}: ${notes}`).toBe('');
  });
});
