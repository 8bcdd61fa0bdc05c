import { describe, expect, test } from '@jest/globals';
import { isNotModified, parseConditions } from './conditions.js';
import { commandId, parseIdempotencyKey, requestHash } from './idempotency.js';
import { parsePrefer } from './prefer.js';
import { PROBLEMS } from './problem.js';
import { parseQueryString } from './query-string.js';
import { pointerOf } from './validate.js';

describe('Prefer', () => {
  test.each([
    [undefined, null, null],
    ['wait=3', 3000, 'wait=3'],
    ['return=minimal, wait="7"; x=y', 7000, 'wait=7'],
    ['Wait=600', 30_000, 'wait=30'],
    ['wait=0', 0, 'wait=0'],
    ['respond-async', 0, 'respond-async'],
    ['handling=lenient', null, null],
  ])('%s', (header, wait_ms, applied) => {
    expect(parsePrefer(header, 30)).toEqual({ wait_ms, applied });
  });

  test.each(['wait', 'wait=soon', 'wait=-1', 'wait=1.5'])('refuses %s', (header) => {
    expect(() => parsePrefer(header, 30)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});

describe('conditions', () => {
  test('If-Match takes versions, ETags, lists and *', () => {
    expect(parseConditions('"3", "4-1099511627776"', undefined).if_match).toEqual([
      { version: 3, revision: null },
      { version: 4, revision: 1099511627776 },
    ]);
    expect(parseConditions('*', undefined)).toEqual({ if_exists: true, if_absent: false, if_match: null });
    expect(parseConditions(undefined, '*')).toEqual({ if_exists: false, if_absent: true, if_match: null });
  });

  test.each(['3', 'W/"3"', '""', '"a"', '"3",', '*, "3"', '"3-"'])('If-Match refuses %s', (header) => {
    expect(() => parseConditions(header, undefined)).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
  });

  test('If-None-Match of a write takes * only', () => {
    expect(() => parseConditions(undefined, '"3"')).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
  });

  test('If-None-Match of a read compares weakly', () => {
    expect(isNotModified('"1-1", W/"2-5"', '"2-5"')).toBe(true);
    expect(isNotModified('*', '"2-5"')).toBe(true);
    expect(isNotModified('"2"', '"2-5"')).toBe(false);
    expect(isNotModified(undefined, '"2-5"')).toBe(false);
  });
});

describe('Idempotency-Key', () => {
  test('bare and quoted spell the same key', () => {
    expect(parseIdempotencyKey('abc')).toBe('abc');
    expect(parseIdempotencyKey('"abc"')).toBe('abc');
    expect(parseIdempotencyKey('"a b\\"\\\\"')).toBe('a b"\\');
    expect(parseIdempotencyKey(undefined)).toBeNull();
  });

  test.each(['', '""', 'a b', '"open', 'é', 'x'.repeat(201), `"${'x'.repeat(201)}"`])(
    'refuses %s',
    (header) => {
      expect(() => parseIdempotencyKey(header)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    },
  );

  test('ids follow from namespace, subject, key and index, and from nothing else', () => {
    const identity = { namespace: 'n', subject: 's', idempotency_key: 'k' };
    expect(commandId(identity, 0)).toBe(commandId({ ...identity }, 0));
    const others = [
      commandId(identity, 1),
      commandId({ ...identity, namespace: 'm' }, 0),
      commandId({ ...identity, subject: 't' }, 0),
    ];
    expect(new Set([...others, commandId(identity, 0)]).size).toBe(4);
    expect(commandId({ ...identity, idempotency_key: null }, 0)).not.toBe(
      commandId({ ...identity, idempotency_key: null }, 0),
    );
  });

  test('the hash covers method, target, conditions and body', () => {
    const request = {
      method: 'PUT',
      target: '/a?b',
      if_match: undefined,
      if_none_match: undefined,
      body: Buffer.from('{}'),
    };
    const hashes = [
      request,
      { ...request, method: 'POST' },
      { ...request, target: '/a' },
      { ...request, if_match: '*' },
      { ...request, if_none_match: '*' },
      { ...request, body: Buffer.from('{ }') },
    ].map(requestHash);
    expect(new Set(hashes).size).toBe(6);
    expect(requestHash({ ...request })).toBe(hashes[0]);
  });
});

describe('query strings', () => {
  test('are read as forms write them', () => {
    expect(parseQueryString('/a?b=1+2%2B3&c&%C3%A9=%E2%82%AC&')).toEqual({ b: '1 2+3', c: '', é: '€' });
    expect(parseQueryString('/a')).toEqual({});
  });

  test('a key named __proto__ is a key', () => {
    expect(Object.keys(parseQueryString('/a?__proto__=1'))).toEqual(['__proto__']);
  });

  test.each(['/a?b=1&b=2', '/a?b=%FF', '/a?b=%', '/a?b=%00', '/a?b=%ED%A0%80'])('refuses %s', (target) => {
    expect(() => parseQueryString(target)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });
});

test('JSON pointers escape as RFC 6901 says', () => {
  expect(pointerOf(['a/b', 0, '~'])).toBe('/a~1b/0/~0');
});

test('a code that stands for another shows one of its own status', () => {
  for (const { as, status } of Object.values(PROBLEMS)) {
    if (as !== undefined) expect(PROBLEMS[as]).toMatchObject({ status });
  }
});
