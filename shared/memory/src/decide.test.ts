import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NO_CONDITIONS, type Conditions, type DeleteMemory, type MemoryCommand } from './command.js';
import { decide, type Decision } from './decide.js';
import type { JsonObject } from './json.js';
import { DEFAULT_ATTRIBUTES, isLive, type Memory, type MemoryState } from './memory.js';

const NOW = 1_700_000_000_000;
const ENVELOPE = {
  command_id: '0190d7a0-0000-7000-8000-000000000001',
  namespace: 'team',
  request_hash: null,
  issued_at: 5,
  issuer: 'tester',
  bound_to_user: null,
};

type Content = Partial<Extract<MemoryCommand, { type: 'StoreMemory' }>>;
const put = (changes: Content = {}): MemoryCommand => ({
  type: 'StoreMemory',
  ...ENVELOPE,
  ...DEFAULT_ATTRIBUTES,
  coord: '42,17',
  conditions: NO_CONDITIONS,
  payload: { text: 'words', n: 1 },
  text: null,
  ttl_seconds: null,
  expires_at: null,
  ...changes,
});
const patch = (fields: JsonObject, conditions = NO_CONDITIONS): MemoryCommand => ({
  type: 'PatchMemory',
  ...ENVELOPE,
  coord: '42.0,17',
  conditions,
  patch: fields,
});
const remove = (conditions = NO_CONDITIONS, how: Partial<DeleteMemory> = {}): MemoryCommand => ({
  type: 'DeleteMemory',
  ...ENVELOPE,
  coord: '42.0,17',
  conditions,
  erase: false,
  only_expired: false,
  ...how,
});
const at = (now: number, revision = 100) => ({ now, revision });

function storedBy(decision: Decision): Memory {
  if (decision.outcome !== 'stored') throw new Error(`it was ${decision.outcome}`);
  return decision.memory;
}
function made(changes: Content = {}): Memory {
  return storedBy(decide(undefined, put(changes), at(NOW, 50)));
}
const deleted: MemoryState = {
  deleted: true,
  namespace: 'team',
  key: '42,17',
  coord: '42,17',
  version: 3,
  revision: 50,
  updated_at: NOW,
};

describe('storing', () => {
  test('makes version 1 of a memory that was not there', () => {
    const decision = decide(undefined, put({ coord: '42.0,17' }), at(NOW, 100));
    expect(decision).toEqual({
      outcome: 'stored',
      created: true,
      memory: {
        deleted: false,
        namespace: 'team',
        key: '42,17',
        coord: '42.0,17',
        payload: { text: 'words', n: 1 },
        text: 'words',
        text_given: false,
        ...DEFAULT_ATTRIBUTES,
        version: 1,
        revision: 100,
        expires_at: null,
        created_at: NOW,
        updated_at: NOW,
      },
    });
  });

  test('replaces all of a memory but its first time', () => {
    const before = made({ user_id: 'u', tags: ['t'], text: 'given', expires_at: NOW + 10_000 });
    const decision = decide(before, put({ coord: '42,17.0', payload: { content: 'new' } }), at(NOW + 5));
    const memory = {
      text: 'new',
      text_given: false,
      user_id: null,
      tags: [],
      expires_at: null,
      coord: '42,17.0',
    };
    const times = { version: 2, created_at: NOW, updated_at: NOW + 5 };
    expect(decision).toMatchObject({
      created: false,
      memory: { ...memory, ...times, payload: { content: 'new' } },
    });
  });

  test.each<[string, MemoryState]>([
    ['a deleted', deleted],
    ['an expired', { ...made(), version: 3, expires_at: NOW }],
  ])('over %s memory creates, and counts on', (_, current) => {
    const decision = decide(current, put(), at(NOW));
    expect(decision).toMatchObject({ created: true, memory: { version: 4, created_at: NOW } });
  });

  test('resolves ttl_seconds by the clock; it wins over expires_at', () => {
    expect(made({ ttl_seconds: 60, expires_at: 1 }).expires_at).toBe(NOW + 60_000);
    expect(made({ expires_at: NOW + 1 }).expires_at).toBe(NOW + 1);
  });

  test('a text that was given is kept as given, an empty one too', () => {
    expect(made({ text: '' })).toMatchObject({ text: '', text_given: true });
  });
});

describe('patching', () => {
  const patched = (current: MemoryState, fields: JsonObject, now = NOW + 5) =>
    storedBy(decide(current, patch(fields), at(now)));

  test('changes what it names and keeps the rest, the spelling of the coord among it', () => {
    const before = made({ user_id: 'u', tags: ['t'], importance: 0.9, occurred_at: 7 });
    const after = patched(before, { payload: { n: null, more: [1] }, importance: 0.1 });
    const changed = {
      payload: { text: 'words', more: [1] },
      importance: 0.1,
      version: 2,
      revision: 100,
      updated_at: NOW + 5,
    };
    expect(after).toEqual({ ...before, ...changed });
  });

  test('null removes an attribute: it takes its default', () => {
    const before = made({
      user_id: 'u',
      tags: ['t'],
      importance: 0.9,
      memory_type: 'semantic',
      expires_at: NOW + 99,
    });
    const after = patched(before, {
      user_id: null,
      tags: null,
      importance: null,
      memory_type: null,
      expires_at: null,
      payload: null,
    });
    expect(after).toMatchObject({ ...DEFAULT_ATTRIBUTES, expires_at: null, payload: {} });
  });

  test('a derived text is derived again, a given one stays', () => {
    expect(patched(made(), { payload: { text: 'new' } })).toMatchObject({ text: 'new', text_given: false });
    const given = made({ text: 'given' });
    expect(patched(given, { payload: { text: 'new' } })).toMatchObject({ text: 'given', text_given: true });
    expect(patched(given, { text: null })).toMatchObject({ text: 'words', text_given: false });
    expect(patched(made(), { text: 'now given' })).toMatchObject({ text: 'now given', text_given: true });
  });

  test('an expiry stays, is set and is removed', () => {
    const before = made({ expires_at: NOW + 99 });
    expect(patched(before, { importance: 1 }).expires_at).toBe(NOW + 99);
    expect(patched(before, { ttl_seconds: 1 }).expires_at).toBe(NOW + 1005);
    expect(patched(before, { expires_at: null }).expires_at).toBeNull();
  });

  test.each<[string, MemoryState | undefined]>([
    ['nothing', undefined],
    ['a deleted memory', deleted],
    ['an expired memory', { ...made(), expires_at: NOW }],
  ])('%s is memory_not_found', (_, current) => {
    expect(decide(current, patch({ importance: 1 }), at(NOW))).toMatchObject({
      outcome: 'rejected',
      code: 'memory_not_found',
    });
  });

  test.each<[string, JsonObject, string]>([
    ['a payload that is no object', { payload: [1] }, 'invalid_request'],
    ['a text that is no string', { text: 5 }, 'invalid_request'],
    ['a text that is an object', { text: { a: 1 } }, 'invalid_request'],
    ['an unknown memory_type', { memory_type: 'other' }, 'invalid_request'],
    ['an importance above 1', { importance: 1.5 }, 'invalid_request'],
    ['tags that are no list', { tags: 'a' }, 'invalid_request'],
    ['a tag that is no string', { tags: [1] }, 'invalid_request'],
    ['a time that is no number', { occurred_at: '2024-01-01' }, 'invalid_request'],
    ['a ttl of 0', { ttl_seconds: 0 }, 'invalid_request'],
    ['U+0000', { payload: { a: '\0' } }, 'invalid_request'],
    ['a payload that grows too large', { payload: { more: 'x'.repeat(256 * 1024) } }, 'payload_too_large'],
  ])('to %s is refused', (_, fields, code) => {
    expect(decide(made(), patch(fields), at(NOW))).toMatchObject({ outcome: 'rejected', code });
  });
});

describe('deleting', () => {
  test('leaves a tombstone of the next version, without content', () => {
    const tombstone = { ...deleted, version: 2, revision: 100, updated_at: NOW + 5 };
    expect(decide(made(), remove(), at(NOW + 5))).toEqual({ outcome: 'deleted', tombstone, existed: true });
  });

  test.each<[string, MemoryState | undefined]>([
    ['nothing', undefined],
    ['a deleted memory', deleted],
    ['an expired memory', { ...made(), expires_at: NOW }],
  ])('%s changes nothing', (_, current) => {
    expect(decide(current, remove(), at(NOW))).toEqual({ outcome: 'unchanged', version: null });
  });
});

describe('erasing', () => {
  const erase = (conditions = NO_CONDITIONS) => remove(conditions, { erase: true });
  const expired = { ...made(), version: 3, expires_at: NOW };

  test.each<[string, MemoryState | undefined, boolean, number]>([
    ['a memory', made(), true, 2],
    ['nothing', undefined, false, 1],
    ['a deleted memory', deleted, false, 4],
    ['an expired memory', expired, false, 4],
  ])('%s leaves a tombstone of this revision', (_, current, existed, version) => {
    expect(decide(current, erase(), at(NOW, 100))).toMatchObject({
      outcome: 'deleted',
      existed,
      tombstone: { deleted: true, version, revision: 100 },
    });
  });

  test('under a version meets what is stored, expired or not, and spares what was renewed', () => {
    const matching = { ...NO_CONDITIONS, if_match: [{ version: 3, revision: 50 }] };
    expect(decide(expired, erase(matching), at(NOW))).toMatchObject({ outcome: 'deleted' });
    for (const current of [undefined, deleted, { ...expired, version: 4, revision: 51 }]) {
      expect(decide(current, erase(matching), at(NOW))).toMatchObject({ code: 'version_conflict' });
    }
  });
});

describe('ending what expired', () => {
  const end = (version: number) =>
    remove({ ...NO_CONDITIONS, if_match: [{ version, revision: 50 }] }, { only_expired: true });

  test('leaves a tombstone; to readers there was nothing any more', () => {
    const expired = { ...made(), expires_at: NOW };
    const tombstone = { ...deleted, version: 2, revision: 100, updated_at: NOW };
    expect(decide(expired, end(1), at(NOW))).toEqual({ outcome: 'deleted', tombstone, existed: false });
  });

  test('spares a memory that was renewed, or is not over yet', () => {
    expect(decide({ ...made(), expires_at: NOW + 1 }, end(1), at(NOW))).toMatchObject({
      outcome: 'unchanged',
    });
    const renewed = { ...made(), version: 2, revision: 51, expires_at: NOW };
    expect(decide(renewed, end(1), at(NOW))).toMatchObject({ code: 'version_conflict' });
    expect(decide(deleted, end(3), at(NOW))).toMatchObject({ code: 'version_conflict' });
  });
});

describe('conditions', () => {
  const present = { ...made(), version: 4, revision: 77 };
  const match = (...if_match: Exclude<Conditions['if_match'], null>): Conditions => ({
    ...NO_CONDITIONS,
    if_match,
  });
  const absent = { ...NO_CONDITIONS, if_absent: true };
  const exists = { ...NO_CONDITIONS, if_exists: true };
  const anyOf4 = { version: 4, revision: null };

  test.each<[string, MemoryState | undefined, Conditions, string | undefined]>([
    ['if_absent, absent', undefined, absent, undefined],
    ['if_absent, deleted', deleted, absent, undefined],
    ['if_absent, expired', { ...present, expires_at: NOW }, absent, undefined],
    ['if_absent, present', present, absent, 'already_exists'],
    ['if_exists, present', present, exists, undefined],
    ['if_exists, absent', undefined, exists, 'version_conflict'],
    ['if_exists, expired', { ...present, expires_at: NOW }, exists, 'version_conflict'],
    ['the version', present, match(anyOf4), undefined],
    ['one of the versions', present, match({ version: 1, revision: null }, anyOf4), undefined],
    ['another version', present, match({ version: 3, revision: null }), 'version_conflict'],
    ['the version and revision', present, match({ version: 4, revision: 77 }), undefined],
    ['the version of another revision', present, match({ version: 4, revision: 76 }), 'version_conflict'],
    ['no version at all', present, match(), 'version_conflict'],
    ['a version, absent', undefined, match(anyOf4), 'version_conflict'],
    ['the version of a tombstone', deleted, match({ version: 3, revision: null }), 'version_conflict'],
  ])('%s', (_, current, conditions, code) => {
    for (const command of [put({ conditions }), remove(conditions)]) {
      const decision = decide(current, command, at(NOW));
      expect(decision.outcome === 'rejected' ? decision.code : undefined).toBe(code);
    }
  });
});

describe('a sender that is bound to a user', () => {
  const bound = { bound_to_user: 'ann', user_id: 'ann' };
  const byAnn = <Sent extends MemoryCommand>(command: Sent): Sent => ({ ...command, bound_to_user: 'ann' });
  const own = made({ user_id: 'ann' });
  const others: [string, Memory][] = [
    ["another user's memory", { ...made({ user_id: 'bob' }), version: 7 }],
    ["nobody's memory", { ...made(), version: 7 }],
  ];
  const conditions = fc.record({
    if_exists: fc.boolean(),
    if_absent: fc.boolean(),
    if_match: fc.constantFrom<Conditions['if_match'][]>(
      null,
      [{ version: 7, revision: null }],
      [{ version: 7, revision: 50 }],
    ),
  });

  test('changes and deletes the memories of that user', () => {
    expect(decide(own, put(bound), at(NOW))).toMatchObject({ outcome: 'stored', created: false });
    expect(decide(own, byAnn(patch({ importance: 1 })), at(NOW))).toMatchObject({ outcome: 'stored' });
    expect(decide(own, byAnn(remove()), at(NOW))).toMatchObject({ outcome: 'deleted', existed: true });
    expect(decide(undefined, put(bound), at(NOW))).toMatchObject({ outcome: 'stored', created: true });
  });

  test.each(others)('%s is absent to it, whatever it asks, and is not replaced', (_, current) => {
    fc.assert(
      fc.property(conditions, (asked) => {
        const removing = byAnn(remove(asked));
        const patching = byAnn({ ...patch({ importance: 1 }), conditions: asked });
        for (const command of [removing, patching])
          expect(decide(current, command, at(NOW))).toEqual(decide(undefined, command, at(NOW)));
        const storing = put({ ...bound, conditions: asked });
        const toNothing = decide(undefined, storing, at(NOW));
        const expected = toNothing.outcome === 'stored' ? { code: 'forbidden' } : toNothing;
        expect(decide(current, storing, at(NOW))).toMatchObject({ outcome: 'rejected', ...expected });
      }),
    );
  });

  test.each(others)('%s that has expired can be replaced, and is not erased', (_, memory) => {
    const current = { ...memory, expires_at: NOW };
    expect(decide(current, put(bound), at(NOW))).toMatchObject({ outcome: 'stored', created: true });
    const erase = byAnn(remove(NO_CONDITIONS, { erase: true }));
    for (const hidden of [memory, current, deleted])
      expect(decide(hidden, erase, at(NOW))).toEqual({ outcome: 'unchanged', version: null });
    expect(decide(own, erase, at(NOW))).toMatchObject({ outcome: 'deleted' });
  });
});

describe('any sequence of commands', () => {
  const commands = fc.array(
    fc.oneof(
      fc
        .record({ n: fc.nat(9), ttl_seconds: fc.constantFrom(null, 1, 1000) })
        .map(({ n, ttl_seconds }) => put({ payload: { n }, ttl_seconds })),
      fc.nat(9).map((n) => patch({ payload: { n } })),
      fc.constant(remove()),
      fc.constantFrom({ erase: true }, { only_expired: true }).map((how) => remove(NO_CONDITIONS, how)),
      fc.boolean().map((if_absent) => put({ conditions: { ...NO_CONDITIONS, if_absent } })),
      fc.nat(5).map((version) => remove({ ...NO_CONDITIONS, if_match: [{ version, revision: null }] })),
    ),
    { maxLength: 30 },
  );

  test('counts versions by one at each change, whatever is deleted or expires, and changes nothing otherwise', () => {
    fc.assert(
      fc.property(commands, (sequence) => {
        let current: MemoryState | undefined;
        sequence.forEach((command, position) => {
          const now = NOW + position * 700;
          const before = structuredClone(current);
          const decision = decide(current, command, at(now, position));
          expect(current).toEqual(before);
          if (decision.outcome !== 'stored' && decision.outcome !== 'deleted') return;
          const next: MemoryState = decision.outcome === 'stored' ? decision.memory : decision.tombstone;
          expect(next).toMatchObject({
            version: (current?.version ?? 0) + 1,
            revision: position,
            updated_at: now,
          });
          if (decision.outcome === 'stored' && command.type === 'StoreMemory') {
            expect(decision.created).toBe(!isLive(current, now));
          }
          current = next;
        });
      }),
    );
  });

  test('decides the same of the same', () => {
    fc.assert(
      fc.property(commands, fc.constantFrom(undefined, deleted, made()), (sequence, current) => {
        for (const command of sequence) {
          expect(decide(current, command, at(NOW))).toEqual(decide(current, command, at(NOW)));
        }
      }),
    );
  });
});

test('a memory is live until the moment it expires', () => {
  expect(isLive(made({ expires_at: NOW }), NOW - 1)).toBe(true);
  expect(isLive(made({ expires_at: NOW }), NOW)).toBe(false);
  expect(isLive(undefined, NOW)).toBe(false);
  expect(isLive(deleted, NOW)).toBe(false);
});
