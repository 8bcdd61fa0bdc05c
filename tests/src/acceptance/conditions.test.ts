import { describe, expect, test } from '@jest/globals';
import { Client } from './client.js';
import { expectProblem } from './expect-problem.js';

describe('conditional requests', () => {
  test('the ETag of a write is the ETag of the read', async () => {
    const client = new Client();
    const written = await client.put('m', { payload: {} });
    expect((await client.get('m')).headers.get('etag')).toBe(written.headers.get('etag'));
  });

  test('If-None-Match of a read is 304 without a body while nothing changed', async () => {
    const client = new Client();
    const etag = (await client.put('m', { payload: {} })).headers.get('etag') ?? '';
    for (const value of [etag, `W/${etag}`, `"9-9", ${etag}`, '*']) {
      const answer = await client.get('m', { 'If-None-Match': value });
      expect([value, answer.status, answer.text]).toEqual([value, 304, '']);
      expect(answer.headers.get('etag')).toBe(etag);
    }
    await client.put('m', { payload: { changed: true } });
    expect((await client.get('m', { 'If-None-Match': etag })).status).toBe(200);
  });

  test.each([
    ['a version', (version: string) => version],
    ['a list', (version: string) => `"77", ${version}`],
  ])('If-Match with %s', async (_, spell) => {
    const client = new Client();
    await client.put('m', { payload: {} });
    const first = await client.put('m', { payload: {} }, { headers: { 'If-Match': spell('"1"') } });
    expect([first.status, first.body.version]).toEqual([200, 2]);
    const second = await client.put('m', { payload: {} }, { headers: { 'If-Match': spell('"1"') } });
    expectProblem(second, 412, 'version_conflict');
  });

  test('If-Match with a whole ETag holds for that very change only', async () => {
    const client = new Client();
    const etag = (await client.put('m', { payload: {} })).headers.get('etag') ?? '';
    const [version = '', revision = ''] = etag.replaceAll('"', '').split('-');
    const other = `"${version}-${Number(revision) + 1}"`;
    expectProblem(
      await client.put('m', { payload: {} }, { headers: { 'If-Match': other } }),
      412,
      'version_conflict',
    );
    expect((await client.put('m', { payload: {} }, { headers: { 'If-Match': etag } })).status).toBe(200);
  });

  test('If-Match: * asks that there is one', async () => {
    const client = new Client();
    const headers = { 'If-Match': '*' };
    expectProblem(await client.put('m', { payload: {} }, { headers }), 412, 'version_conflict');
    await client.put('m', { payload: {} });
    expect((await client.put('m', { payload: {} }, { headers })).status).toBe(200);
  });

  test('If-None-Match: * asks that there is none', async () => {
    const client = new Client();
    const headers = { 'If-None-Match': '*' };
    expect((await client.put('m', { payload: {} }, { headers })).status).toBe(201);
    expectProblem(await client.put('m', { payload: {} }, { headers }), 412, 'already_exists');
    await client.delete('m');
    expect((await client.put('m', { payload: {} }, { headers })).status).toBe(201);
  });

  test('of 20 that make one memory at once exactly one does', async () => {
    const client = new Client();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        client.put('m', { payload: { n } }, { headers: { 'If-None-Match': '*' } }),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 412)]);
  });

  test.each([
    ['If-Match', '1'],
    ['If-Match', 'W/"1"'],
    ['If-Match', '"one"'],
    ['If-None-Match', '"1"'],
  ])('%s: %s on a write is refused', async (name, value) => {
    const client = new Client();
    const answer = await client.put('m', { payload: {} }, { headers: { [name]: value } });
    const problem = expectProblem(answer, 400, 'invalid_request');
    expect(problem.errors?.[0]?.header?.toLowerCase()).toBe(name.toLowerCase());
  });
});
