import { describe, expect, test } from '@jest/globals';
import { Client } from './client.js';
import { expectProblem } from './expect-problem.js';

function nested(depth: number): string {
  return '{"a":'.repeat(depth - 1) + '{}' + '}'.repeat(depth - 1);
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));

describe('bodies that cannot be kept exactly are refused', () => {
  test.each<[string, string | Uint8Array<ArrayBuffer>]>([
    ['nothing', ''],
    ['a duplicate key', '{"payload": {"a": 1, "a": 2}}'],
    ['a duplicate key spelled by an escape', '{"payload": {"a": 1, "\\u0061": 2}}'],
    ['a duplicate key of the request', '{"payload": {}, "payload": {}}'],
    ['a lone high surrogate', '{"payload": {"a": "\\ud800"}}'],
    ['a lone low surrogate', '{"payload": {"a": "\\udc00x"}}'],
    ['a lone surrogate in a key', '{"payload": {"\\ud800": 1}}'],
    ['U+0000', '{"payload": {"a": "x\\u0000y"}}'],
    ['U+0000 in a key', '{"payload": {"x\\u0000y": 1}}'],
    ['U+0000 in an attribute', '{"payload": {}, "user_id": "\\u0000"}'],
    ['a payload 33 deep', `{"payload": ${nested(33)}}`],
    ['something 100,000 deep', `{"payload": ${'['.repeat(100_000)}`],
    ['an integer beyond 2^53', '{"payload": {"n": 9007199254740993}}'],
    ['a negative integer beyond 2^53', '{"payload": {"n": -9007199254740993}}'],
    ['a number that overflows', '{"payload": {"n": 1e400}}'],
    ['a truncated object', '{"payload": {"a": 1}'],
    ['something after it', '{"payload": {}} x'],
    ['two values', '{"payload": {}}{"payload": {}}'],
    ['a trailing comma', '{"payload": {},}'],
    ['a comment', '{"payload": {} /* none */}'],
    ['single quotes', "{'payload': {}}"],
    ['NaN', '{"payload": {"n": NaN}}'],
    ['a leading zero', '{"payload": {"n": 01}}'],
    ['a control character in a string', '{"payload": {"a": "x\ny"}}'],
    ['a list', '[{"payload": {}}]'],
    ['a string', '"payload"'],
    ['null', 'null'],
    ['bytes that are not UTF-8', new Uint8Array([...utf8('{"payload": {"a": "'), 0xff, ...utf8('"}}')])],
    [
      'an encoded surrogate',
      new Uint8Array([...utf8('{"payload": {"a": "'), 0xed, 0xa0, 0x80, ...utf8('"}}')]),
    ],
    ['a byte order mark', new Uint8Array([0xef, 0xbb, 0xbf, ...utf8('{"payload": {}}')])],
    ['UTF-16', new Uint8Array(Buffer.from('{"payload": {}}', 'utf16le'))],
  ])('%s', async (_, raw) => {
    const client = new Client();
    const options = { raw, headers: { 'Content-Type': 'application/json' } };
    expectProblem(await client.call('PUT', '/memories/m', options), 400, 'invalid_request');
    expectProblem(await client.call('POST', '/memories/batch', options), 400, 'invalid_request');
    expect((await client.get('m')).status).toBe(404);
  });

  test.each<[string, string]>([
    ['a payload 32 deep', nested(32)],
    ['integers up to 2^53', '{"n":[9007199254740992,-9007199254740992]}'],
    ['a pair of surrogates by escapes', '{"a":"\\ud83d\\ude00"}'],
    ['keys that objects have', '{"__proto__":{"a":1},"constructor":2,"toString":3}'],
    ['numbers in every form', '{"n":[0,-0.5,1e3,1E-3,123.456e+2]}'],
    ['keys in their order', '{"z":1,"a":2,"10":3,"m":4}'],
    ['every sort of white space around it', ' \t\r\n{"a":1}\n'],
  ])('%s is kept', async (_, payload) => {
    const client = new Client();
    const answer = await client.call('PUT', '/memories/m', { raw: `{"payload": ${payload}}` });
    expect(answer.status).toBe(201);
    const stored = await client.get('m');
    expect(stored.body.memory.payload).toEqual(JSON.parse(payload));
    expect(Object.keys(stored.body.memory.payload).sort()).toEqual(
      Object.keys(JSON.parse(payload) as object).sort(),
    );
  });
});
