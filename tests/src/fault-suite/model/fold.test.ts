import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { UNCONDITIONAL, type Asked, type AskedConditions } from '../history/history.js';
import { step, swept, textOf, type ModelState, type Verdict } from './fold.js';
import { merged } from './merged.js';

const AT = { at: 1000, revision: 7 };

function asked(
  type: Asked['type'],
  content: JsonObject = {},
  conditions: Partial<AskedConditions> = {},
): Asked {
  return { type, content, conditions: { ...UNCONDITIONAL, ...conditions } } as Asked;
}

function stateOf(verdict: Verdict): ModelState {
  if (!('state' in verdict)) throw new RangeError(`no state: ${verdict.kind}`);
  return verdict.state;
}

const LIVE = stateOf(
  step(undefined, asked('put', { payload: { a: 1, b: { c: 2, d: 3 } }, tags: ['x'] }), AT),
);

describe('a put', () => {
  test('makes version 1, and takes defaults for what is not said', () => {
    expect(LIVE).toMatchObject({ version: 1, revision: 7, content: { importance: 0.5, user_id: null } });
  });

  test('replaces the whole memory and counts on', () => {
    const next = stateOf(step(LIVE, asked('put', { payload: { z: 1 } }), AT));
    expect(next).toMatchObject({ version: 2, content: { payload: { z: 1 }, tags: [] } });
  });

  test('with a time to live is absent once that is over, and is made anew', () => {
    const short = stateOf(step(undefined, asked('put', { payload: {}, ttl_seconds: 2 }), AT));
    expect(step(short, asked('patch', { payload: {} }), { at: 3000, revision: 8 })).toEqual({
      kind: 'rejected',
      code: 'memory_not_found',
    });
    expect(step(short, asked('put', { payload: {} }), { at: 3000, revision: 8 })).toMatchObject({
      created: true,
      state: { version: 2 },
    });
    expect(swept(short, { at: 2999, revision: 8 })).toBeUndefined();
    expect(swept(short, { at: 3000, revision: 8 })).toEqual({ version: 2, revision: 8 });
  });
});

test('a patch merges, removes by null, and keeps the rest', () => {
  const patch = { payload: { a: null, b: { c: 9 } }, importance: 1 };
  expect(stateOf(step(LIVE, asked('patch', patch), AT)).content).toMatchObject({
    payload: { b: { c: 9, d: 3 } },
    tags: ['x'],
    importance: 1,
  });
});

test('a deletion leaves a version without content, or nothing to do', () => {
  expect(step(LIVE, asked('delete'), AT)).toEqual({ kind: 'deleted', state: { version: 2, revision: 7 } });
  expect(step(undefined, asked('delete'), AT)).toEqual({ kind: 'nothing' });
});

test.each<[string, ModelState | undefined, Partial<AskedConditions>, string | undefined]>([
  ['absence of what is there', LIVE, { if_absent: true }, 'already_exists'],
  ['absence of what is not', undefined, { if_absent: true }, undefined],
  ['presence of what is not', undefined, { if_exists: true }, 'version_conflict'],
  ['the version', LIVE, { if_match: [{ version: 1, revision: null }] }, undefined],
  ['the version and revision', LIVE, { if_match: [{ version: 1, revision: 7 }] }, undefined],
  ['another revision', LIVE, { if_match: [{ version: 1, revision: 6 }] }, 'version_conflict'],
  ['another version', LIVE, { if_match: [{ version: 2, revision: null }] }, 'version_conflict'],
  ['a version of what is not', undefined, { if_match: [{ version: 1, revision: null }] }, 'version_conflict'],
])('a condition on %s', (_, state, conditions, code) => {
  const verdict = step(state, asked('put', { payload: {} }, conditions), AT);
  expect(verdict.kind === 'rejected' ? verdict.code : undefined).toBe(code);
});

test('RFC 7396, appendix A', () => {
  expect(merged({ a: 'b' }, { a: 'c' })).toEqual({ a: 'c' });
  expect(merged({ a: [{ b: 'c' }] }, { a: [1] })).toEqual({ a: [1] });
  expect(merged({ a: 'b', b: 'c' }, { a: null })).toEqual({ b: 'c' });
  expect(merged({}, { a: { bb: { ccc: null } } })).toEqual({ a: { bb: {} } });
  expect(merged([1, 2], { a: 'b', c: null })).toEqual({ a: 'b' });
  expect(merged({ e: null }, { a: 1 })).toEqual({ e: null, a: 1 });
});

test('a text that is not given follows from the payload', () => {
  const content = (payload: JsonObject, text?: string) =>
    stateOf(step(undefined, asked('put', { payload, ...(text === undefined ? {} : { text }) }), AT)).content;
  const textFor = (payload: JsonObject, text?: string) => textOf(content(payload, text) ?? fail());
  expect(textFor({ text: 'a', content: 'b' })).toBe('a');
  expect(textFor({ content: 'b', x: 'c' })).toBe('b');
  expect(textFor({ x: 'c', y: [{ z: 'd' }, 1] })).toBe('c\nd');
  expect(textFor({ text: 'a' }, 'given')).toBe('given');
});

function fail(): never {
  throw new RangeError('a put has content');
}
