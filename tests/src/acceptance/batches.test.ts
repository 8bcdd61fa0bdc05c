import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import type { BatchAnswer, MemoryAnswer } from './answers.js';
import { Client, coordsOf, tokenOf } from './client.js';
import { expectProblem } from './expect-problem.js';

function batch(client: Client, operations: JsonObject[], query = '') {
  return client.call<BatchAnswer>('POST', `/memories/batch${query}`, { json: { operations } });
}

function getMany(client: Client, coords: string[]) {
  return client.call<{ memories: (MemoryAnswer | null)[] }>('POST', '/memories/get', { json: { coords } });
}

describe('POST /memories/batch', () => {
  test('carries out puts, patches and deletes in order', async () => {
    const client = new Client();
    await client.put('old', { payload: { n: 0 } });
    const { status, body, headers } = await batch(client, [
      { op: 'put', coord: 'a', payload: { n: 1 } },
      { op: 'put', coord: 'a', payload: { n: 2 } },
      { op: 'patch', coord: 'a', payload: { m: 3 } },
      { op: 'delete', coord: 'old' },
      { op: 'put', payload: { made: true } },
    ]);
    expect(status).toBe(200);
    expect(body.results.map((result) => result.ok && [result.coord, result.version])).toEqual([
      ['a', 1],
      ['a', 2],
      ['a', 3],
      ['old', 2],
      [expect.stringMatching(/^[0-9a-f-]{36}$/), 1],
    ]);
    expect(body.results[3]).toMatchObject({ deleted: true });
    expect(headers.get('soma-consistency-token')).toBeTruthy();
    expect((await client.get('a')).body.memory.payload).toEqual({ n: 2, m: 3 });
    expect((await client.get('old')).status).toBe(404);
  });

  test('a bad item spoils no other', async () => {
    const client = new Client();
    await client.put('there', { payload: {} });
    const { status, body } = await batch(client, [
      { op: 'put', coord: 'good', payload: {} },
      { op: 'put', coord: 'bad coord', payload: {} },
      { op: 'put', coord: 'deep', payload: 'no object' },
      { op: 'patch', coord: 'missing', payload: {} },
      { op: 'put', coord: 'there', payload: {}, if_absent: true },
      { op: 'delete', coord: 'there', if_version: 7 },
      { op: 'increment', coord: 'x' },
      { op: 'put', coord: 'large', payload: { text: 'x'.repeat(256 * 1024) } },
      { op: 'put', coord: 'also-good', payload: {} },
    ]);
    expect(status).toBe(200);
    const codes = body.results.map((result) => (result.ok ? 'ok' : result.error.code));
    expect(codes).toEqual([
      'ok',
      'invalid_coord',
      'invalid_request',
      'memory_not_found',
      'already_exists',
      'version_conflict',
      'invalid_request',
      'payload_too_large',
      'ok',
    ]);
    expect(body.results[1]).toMatchObject({ coord: 'bad coord', ok: false, status: 'rejected' });
  });

  test('500 are carried out, and one token covers them all', async () => {
    const client = new Client();
    const coords = Array.from({ length: 500 }, (_, n) => `m${n}`);
    const answer = await batch(
      client,
      coords.map((coord) => ({ op: 'put', coord, payload: { text: `term-${coord}` } })),
    );
    expect(answer.body.results.every(({ ok }) => ok)).toBe(true);
    const { body } = await getMany(client, coords);
    expect(body.memories.map((memory) => memory?.coord)).toEqual(coords);
    const found = await client.search(
      { query: 'term-m499', top_k: 1 },
      { 'Soma-Consistency-Token': tokenOf(answer), Prefer: 'wait=20' },
    );
    expect(coordsOf(found)).toEqual(['m499']);
  });

  test.each<[string, JsonObject]>([
    ['none', { operations: [] }],
    ['more than 500', { operations: Array.from({ length: 501 }, () => ({ op: 'put', payload: {} })) }],
    ['no list', { operations: {} }],
    ['an unknown field', { operations: [{ op: 'put', payload: {} }], atomic: true }],
  ])('%s is refused as a whole', async (_, json) => {
    expectProblem(await new Client().call('POST', '/memories/batch', { json }), 400, 'invalid_request');
  });

  test('until=indexed holds for each item', async () => {
    const client = new Client();
    const operations = ['one', 'two', 'three'].map((coord) => ({
      op: 'put',
      coord,
      text: `lighthouse ${coord}`,
    }));
    const { body } = await batch(client, operations, '?until=indexed');
    expect(body.results.map(({ status }) => status)).toEqual(['indexed', 'indexed', 'indexed']);
    expect(coordsOf(await client.search({ query: 'lighthouse' })).sort()).toEqual(['one', 'three', 'two']);
  });
});

describe('POST /memories/messages', () => {
  test('makes one memory per message, in order', async () => {
    const client = new Client();
    const { status, body } = await client.call<BatchAnswer>('POST', '/memories/messages', {
      json: {
        messages: [
          { role: 'user', content: 'I like tea', occurred_at: '2024-01-01T00:00:00Z' },
          { role: 'assistant', content: 'Noted', name: 'Helper', coord: 'reply' },
        ],
        user_id: 'ada',
        agent_id: 'helper',
        thread_id: 't1',
        tags: ['chat'],
      },
    });
    expect(status).toBe(200);
    expect(body.results).toHaveLength(2);
    const [first, second] = body.results;
    expect(second).toMatchObject({ coord: 'reply', ok: true, version: 1 });
    const memories = (await getMany(client, [first?.coord ?? '', 'reply'])).body.memories;
    expect(memories[0]).toMatchObject({
      text: 'I like tea',
      actor: 'user',
      user_id: 'ada',
      agent_id: 'helper',
      thread_id: 't1',
      tags: ['chat'],
      occurred_at: '2024-01-01T00:00:00.000Z',
      payload: { role: 'user', content: 'I like tea' },
    });
    expect(memories[1]).toMatchObject({ text: 'Noted', actor: 'Helper' });
  });

  test.each<JsonObject>([
    { messages: [] },
    { messages: [{ role: 'user' }] },
    { messages: [{ content: 'x' }] },
    { messages: [{ role: 'user', content: 5 }] },
    { messages: [{ role: 'user', content: 'x', surprise: 1 }] },
    {},
  ])('%j is refused', async (json) => {
    expectProblem(await new Client().call('POST', '/memories/messages', { json }), 400, 'invalid_request');
  });
});

describe('POST /memories/get', () => {
  test('answers by position, also for repeats and other spellings', async () => {
    const client = new Client();
    await client.put('1.0', { payload: {} });
    const { body } = await getMany(client, ['1', 'none', '1.00', '1.0']);
    expect(body.memories.map((memory) => memory?.coord ?? null)).toEqual(['1.0', null, '1.0', '1.0']);
  });

  test('none asked, none given', async () => {
    expect((await getMany(new Client(), [])).body.memories).toEqual([]);
  });

  test('more than 500 and a bad coord are refused', async () => {
    const client = new Client();
    expectProblem(
      await getMany(
        client,
        Array.from({ length: 501 }, (_, n) => `m${n}`),
      ),
      400,
      'invalid_request',
    );
    expectProblem(await getMany(client, ['a b']), 400, 'invalid_coord');
  });
});
