import { describe, expect, test } from '@jest/globals';
import type { WriteResult } from './answers.js';
import { Client } from './client.js';
import { expectProblem } from './expect-problem.js';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const RFC_3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

describe('storing a memory', () => {
  test('POST makes it: 201 with the result, its place, its ETag and a consistency token', async () => {
    const client = new Client();
    const answer = await client.call<WriteResult>('POST', '/memories', {
      json: { coord: 'greeting', payload: { text: 'hello' } },
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      coord: 'greeting',
      namespace: client.namespace,
      memory_type: 'episodic',
      ok: true,
      status: 'stored',
      version: 1,
      operation_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(answer.headers.get('location')).toBe('/memories/greeting');
    expect(answer.headers.get('etag')).toMatch(/^"1-\d+"$/);
    expect(answer.headers.get('soma-consistency-token')?.length).toBeLessThanOrEqual(1024);
  });

  test('PUT makes it, and replaces it whole with the next version', async () => {
    const client = new Client();
    const made = await client.put('a', { payload: { n: 1 }, tags: ['x'], user_id: 'ada' });
    expect([made.status, made.body.version]).toEqual([201, 1]);
    const replaced = await client.put('a', { payload: { m: 2 } });
    expect([replaced.status, replaced.body.version]).toEqual([200, 2]);
    const { body } = await client.get('a');
    expect(body.memory).toMatchObject({ payload: { m: 2 }, tags: [], user_id: null, version: 2 });
  });

  test('what is read is what was written, with defaults for the rest', async () => {
    const client = new Client();
    const whole = {
      payload: { nested: { list: [1, 'two', null, true, { x: 1.5 }] }, 'ключ 🔑': 'значение' },
      text: 'given text',
      memory_type: 'semantic',
      user_id: 'u',
      agent_id: 'a',
      thread_id: 't',
      actor: 'Ada',
      tags: ['one', 'two'],
      importance: 0.9,
      occurred_at: '2024-02-29T12:30:00.000Z',
      expires_at: '2999-01-01T00:00:00.000Z',
    };
    await client.put('whole', whole);
    await client.put('bare', { payload: {} });
    const { body } = await client.get('whole');
    expect(body.memory).toEqual({
      ...whole,
      coord: 'whole',
      coordinate: null,
      namespace: client.namespace,
      version: 1,
      created_at: expect.stringMatching(RFC_3339_UTC),
      updated_at: expect.stringMatching(RFC_3339_UTC),
    });
    expect((await client.get('bare')).body.memory).toMatchObject({
      payload: {},
      text: '',
      memory_type: 'episodic',
      user_id: null,
      agent_id: null,
      thread_id: null,
      actor: null,
      tags: [],
      importance: 0.5,
      occurred_at: null,
      expires_at: null,
    });
  });

  test('without a coord a UUIDv7 name is made', async () => {
    const client = new Client();
    const { status, body, headers } = await client.call<WriteResult>('POST', '/memories', {
      json: { payload: { n: 1 } },
    });
    expect(status).toBe(201);
    expect(body.coord).toMatch(UUID_V7);
    expect(headers.get('location')).toBe(`/memories/${body.coord}`);
    expect((await client.get(body.coord)).status).toBe(200);
  });

  test.each([
    [{ payload: { text: 'T', content: 'C', other: 'O' } }, 'T'],
    [{ payload: { content: 'C', other: 'O' } }, 'C'],
    [{ payload: { a: 'first', b: [{ c: 'second' }], n: 5 } }, 'first\nsecond'],
    [{ text: 'given' }, 'given'],
    [{ payload: { text: 'T' }, text: 'given' }, 'given'],
  ])('the text of %j is %j', async (memory, text) => {
    const client = new Client();
    await client.put('m', memory);
    expect((await client.get('m')).body.memory.text).toBe(text);
  });

  test('a payload may be absent only when a text is given', async () => {
    const client = new Client();
    expectProblem(await client.put('m', { tags: [] }), 400, 'invalid_request');
    expect((await client.put('m', { text: 'only words' })).status).toBe(201);
    expect((await client.get('m')).body.memory.payload).toEqual({});
  });

  test('a memory made again after its deletion goes on counting', async () => {
    const client = new Client();
    await client.put('m', { payload: {} });
    await client.delete('m');
    const again = await client.put('m', { payload: {} });
    expect([again.status, again.body.version]).toEqual([201, 3]);
  });

  test.each<[string, string]>([
    ['payload', '{"payload": []}'],
    ['payload', '{"payload": "text"}'],
    ['payload', '{"payload": null}'],
    ['memory_type', '{"payload": {}, "memory_type": "procedural"}'],
    ['user_id', '{"payload": {}, "user_id": 7}'],
    ['importance', '{"payload": {}, "importance": 1.01}'],
    ['importance', '{"payload": {}, "importance": "high"}'],
    ['tags', '{"payload": {}, "tags": "one"}'],
    ['tags', '{"payload": {}, "tags": [1]}'],
    ['occurred_at', '{"payload": {}, "occurred_at": "yesterday"}'],
    ['occurred_at', '{"payload": {}, "occurred_at": "2023-02-29T00:00:00Z"}'],
    ['occurred_at', '{"payload": {}, "occurred_at": 1700000000000}'],
    ['ttl_seconds', '{"payload": {}, "ttl_seconds": 0}'],
    ['ttl_seconds', '{"payload": {}, "ttl_seconds": 1.5}'],
    ['surprise', '{"payload": {}, "surprise": 1}'],
    ['version', '{"payload": {}, "version": 7}'],
  ])('a wrong %s is pointed at: %s', async (field, raw) => {
    const client = new Client();
    const problem = expectProblem(await client.put('m', {}, { raw }), 400, 'invalid_request');
    expect(problem.errors?.map(({ pointer }) => pointer?.split('/')[1])).toContain(field);
    expect((await client.get('m')).status).toBe(404);
  });

  test('ttl_seconds and expires_at together are refused', async () => {
    const client = new Client();
    const memory = { payload: {}, ttl_seconds: 5, expires_at: '2999-01-01T00:00:00Z' };
    expectProblem(await client.put('m', memory), 400, 'invalid_request');
  });

  test('PUT with another coord in the body is refused', async () => {
    const client = new Client();
    expectProblem(await client.put('m', { coord: 'n', payload: {} }), 400, 'invalid_request');
  });

  test('errors do not repeat what was sent', async () => {
    const client = new Client();
    const raw = '{"payload": {}, "importance": "hunter2-secret"}';
    const answer = await client.put('m', {}, { raw });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('hunter2-secret');
  });
});
