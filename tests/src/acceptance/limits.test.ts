import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { Client } from './client.js';
import { expectProblem } from './expect-problem.js';
import { rawRequest } from './raw-request.js';

const KIB = 1024;

/** A payload whose JSON has exactly so many bytes. */
function payloadOf(bytes: number): JsonObject {
  return { a: 'x'.repeat(bytes - '{"a":""}'.length) };
}

describe('sizes', () => {
  test('a payload of 256 KiB is taken, one byte more is 413', async () => {
    const client = new Client();
    expect((await client.put('m', { payload: payloadOf(256 * KIB), text: 'short' })).status).toBe(201);
    const larger = await client.put('m', { payload: payloadOf(256 * KIB + 1), text: 'short' });
    expectProblem(larger, 413, 'payload_too_large');
    expect((await client.get('m')).body.memory.version).toBe(1);
  });

  test('a payload is measured in UTF-8', async () => {
    const client = new Client();
    const answer = await client.put('m', { payload: { a: 'я'.repeat(129 * KIB) }, text: 'short' });
    expectProblem(answer, 413, 'payload_too_large');
  });

  test('a text above 256 KiB is 413', async () => {
    const answer = await new Client().put('m', { text: 'x'.repeat(256 * KIB + 1) });
    expectProblem(answer, 413, 'payload_too_large');
  });

  test('a patch that makes a memory too large is 413 and changes nothing', async () => {
    const client = new Client();
    await client.put('m', { payload: { ...payloadOf(200 * KIB) }, text: 'short' });
    const patch = { json: { payload: { b: 'x'.repeat(100 * KIB) } } };
    expectProblem(await client.call('PATCH', '/memories/m', patch), 413, 'payload_too_large');
    expect((await client.get('m')).body.memory.version).toBe(1);
  });

  test('a body above 1 MiB is 413 however it comes', async () => {
    const client = new Client();
    const raw = `{"payload": {"a": "${'x'.repeat(KIB * KIB)}"}}`;
    expectProblem(await client.call('PUT', '/memories/m', { raw }), 413, 'payload_too_large');
    const path = '/memories/m';
    const headers = [
      'Content-Type',
      'application/json',
      'Transfer-Encoding',
      'chunked',
      'Soma-Namespace',
      client.namespace,
    ];
    const chunked = await rawRequest({ method: 'PUT', path, headers, body: raw });
    expectProblem(chunked, 413, 'payload_too_large');
  });

  test('a batch takes what one memory may not', async () => {
    const client = new Client();
    const operations = Array.from({ length: 20 }, (_, n) => ({
      op: 'put',
      coord: `m${n}`,
      payload: payloadOf(100 * KIB),
      text: 'short',
    }));
    expect((await client.call('POST', '/memories/batch', { json: { operations } })).status).toBe(200);
    const raw = `{"operations": [${'{"op": "put", "payload": {}}, '.repeat(10)}"${'x'.repeat(16 * KIB * KIB)}"]}`;
    expectProblem(await client.call('POST', '/memories/batch', { raw }), 413, 'payload_too_large');
  });

  test.each<[string, JsonObject]>([
    ['65 tags', { tags: Array.from({ length: 65 }, (_, n) => `t${n}`) }],
    ['a tag of 65 characters', { tags: ['x'.repeat(65)] }],
    ['a user_id of 129', { user_id: 'x'.repeat(129) }],
    ['an actor of 129', { actor: 'x'.repeat(129) }],
  ])('%s is refused', async (_, attributes) => {
    const answer = await new Client().put('m', { payload: {}, ...attributes });
    expectProblem(answer, 400, 'invalid_request');
  });

  test('the largest of each is taken', async () => {
    const client = new Client();
    const attributes = {
      tags: Array.from({ length: 64 }, (_, n) => String(n).padStart(64, 't')),
      user_id: 'u'.repeat(128),
      agent_id: 'a'.repeat(128),
      thread_id: 't'.repeat(128),
      actor: 'x'.repeat(128),
    };
    expect((await client.put('m', { payload: {}, ...attributes })).status).toBe(201);
    expect((await client.get('m')).body.memory).toMatchObject(attributes);
  });

  test('a target above 32 KiB is 414', async () => {
    const path = `/memories/search?query=${'x'.repeat(33 * KIB)}`;
    expectProblem(await rawRequest({ path }), 414, 'uri_too_long');
  });

  test('headers above 64 KiB, or too many, are 431', async () => {
    const large = await rawRequest({ path: '/memories/m', headers: ['X-Large', 'x'.repeat(65 * KIB)] });
    expectProblem(large, 431, 'headers_too_large');
    const many = Array.from({ length: 101 }, (_, n) => [`X-Header-${n}`, '1']).flat();
    expectProblem(await rawRequest({ path: '/memories/m', headers: many }), 431, 'headers_too_large');
  });
});
