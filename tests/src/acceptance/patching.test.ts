import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import type { WriteResult } from './answers.js';
import { Client, type SentHeaders } from './client.js';
import { expectProblem } from './expect-problem.js';

function patch(client: Client, coord: string, document: JsonObject, headers: SentHeaders = {}) {
  const options = { json: document, headers: { 'Content-Type': 'application/merge-patch+json', ...headers } };
  return client.call<WriteResult>('PATCH', `/memories/${coord}`, options);
}

describe('patching a memory', () => {
  test('merges: values replace, null removes, the rest stays', async () => {
    const client = new Client();
    await client.put('m', { payload: { a: 1, b: { c: 2, d: 3 }, e: [1, 2] }, user_id: 'ada', tags: ['x'] });
    const answer = await patch(client, 'm', { payload: { a: null, b: { c: 4 }, e: [3] }, importance: 0.9 });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ coord: 'm', ok: true, status: 'stored', version: 2 });
    expect(answer.headers.get('etag')).toMatch(/^"2-\d+"$/);
    expect((await client.get('m')).body.memory).toMatchObject({
      payload: { b: { c: 4, d: 3 }, e: [3] },
      user_id: 'ada',
      tags: ['x'],
      importance: 0.9,
      version: 2,
    });
  });

  test('null gives an attribute its default', async () => {
    const client = new Client();
    await client.put('m', {
      payload: {},
      user_id: 'ada',
      importance: 1,
      tags: ['x'],
      memory_type: 'semantic',
    });
    await patch(client, 'm', { user_id: null, importance: null, tags: null, memory_type: null });
    expect((await client.get('m')).body.memory).toMatchObject({
      user_id: null,
      importance: 0.5,
      tags: [],
      memory_type: 'episodic',
    });
  });

  test('a derived text is derived again, a given one stays', async () => {
    const client = new Client();
    await client.put('derived', { payload: { text: 'before' } });
    await client.put('given', { payload: { text: 'before' }, text: 'mine' });
    await patch(client, 'derived', { payload: { text: 'after' } });
    await patch(client, 'given', { payload: { text: 'after' } });
    expect((await client.get('derived')).body.memory.text).toBe('after');
    expect((await client.get('given')).body.memory.text).toBe('mine');
    await patch(client, 'given', { text: null });
    expect((await client.get('given')).body.memory.text).toBe('after');
  });

  test('application/json is taken too', async () => {
    const client = new Client();
    await client.put('m', { payload: { a: 1 } });
    const answer = await patch(client, 'm', { payload: { b: 2 } }, { 'Content-Type': 'application/json' });
    expect(answer.status).toBe(200);
    expect((await client.get('m')).body.memory.payload).toEqual({ a: 1, b: 2 });
  });

  test('expiry can be set and removed', async () => {
    const client = new Client();
    await client.put('m', { payload: {}, expires_at: '2999-01-01T00:00:00Z' });
    await patch(client, 'm', { expires_at: null });
    expect((await client.get('m')).body.memory.expires_at).toBeNull();
    await patch(client, 'm', { ttl_seconds: 3600 });
    expect((await client.get('m')).body.memory.expires_at).not.toBeNull();
  });

  test('404 where there is no memory', async () => {
    expectProblem(await patch(new Client(), 'none', { payload: {} }), 404, 'memory_not_found');
  });

  test('another media type is 415, and Accept-Patch says which are taken', async () => {
    const client = new Client();
    await client.put('m', { payload: {} });
    const answer = await patch(client, 'm', {}, { 'Content-Type': 'application/json-patch+json' });
    expectProblem(answer, 415, 'unsupported_media_type');
    expect(answer.headers.get('accept-patch')).toContain('application/merge-patch+json');
  });

  test.each<JsonObject>([
    { coord: 'other' },
    { version: 5 },
    { surprise: 1 },
    { payload: [] },
    { importance: 2 },
    { memory_type: 'procedural' },
    { occurred_at: 'yesterday' },
  ])('%j is refused and changes nothing', async (document) => {
    const client = new Client();
    await client.put('m', { payload: { a: 1 } });
    expectProblem(await patch(client, 'm', document), 400, 'invalid_request');
    expect((await client.get('m')).body.memory).toMatchObject({ payload: { a: 1 }, version: 1 });
  });

  test('carries out only under its condition', async () => {
    const client = new Client();
    await client.put('m', { payload: { n: 1 } });
    const stale = await patch(client, 'm', { payload: { n: 2 } }, { 'If-Match': '"7"' });
    expectProblem(stale, 412, 'version_conflict');
    const fresh = await patch(client, 'm', { payload: { n: 2 } }, { 'If-Match': '"1"' });
    expect(fresh.status).toBe(200);
  });

  test('of two patches at once none is lost', async () => {
    const client = new Client();
    await client.put('m', { payload: {} });
    const names = Array.from({ length: 10 }, (_, index) => `f${index}`);
    await Promise.all(names.map((name) => patch(client, 'm', { payload: { [name]: true } })));
    const { memory } = (await client.get('m')).body;
    expect(Object.keys(memory.payload).sort()).toEqual(names);
    expect(memory.version).toBe(11);
  });
});
