import { createHash, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { v7 } from 'uuid';
import type { NewToken, Tokens } from '../tokens.js';

const HOUR_MS = 3_600_000;
const MANY = 100;

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function newToken(secret: string, changes: Partial<NewToken> = {}): NewToken {
  return {
    token_id: v7(),
    description: 'an agent',
    role: 'writer',
    namespaces: ['team'],
    user_id: null,
    rates: {},
    expires_at: null,
    digest: digestOf(secret),
    by: 'api-token',
    ...changes,
  };
}

/** What the Tokens port demands of every adapter. */
export function describeTokens(
  name: string,
  create: () => Promise<{ tokens: Tokens; close(): Promise<void> }>,
): void {
  describe(`${name} as tokens`, () => {
    let opened: Awaited<ReturnType<typeof create>>;
    let tokens: Tokens;
    beforeEach(async () => {
      opened = await create();
      tokens = opened.tokens;
    });
    afterEach(() => opened.close());

    const secretsNow = async () => (await tokens.changed(null, MANY))?.secrets ?? [];
    const opening = async (...secrets: string[]) => {
      const digests = new Set((await secretsNow()).map(({ digest }) => digest));
      return secrets.filter((secret) => digests.has(digestOf(secret).toString('hex')));
    };

    test('a token comes back as it was made, without its secret', async () => {
      const grant = {
        namespaces: ['a', 'b'],
        user_id: 'ann',
        rates: { read: 5 },
        expires_at: Date.now() + HOUR_MS,
      };
      const asked = newToken('s', grant);
      const made = await tokens.create(asked, MANY);
      const { digest, by, ...kept } = asked;
      expect(made).toEqual({
        ...kept,
        created_at: expect.any(Number),
        created_by: by,
        rotated_at: null,
        revoked_at: null,
        revoked_by: null,
      });
      expect(await tokens.get(asked.token_id)).toEqual(made);
      expect(await tokens.get(randomUUID())).toBeUndefined();
      const { role, namespaces, user_id, rates, expires_at, token_id } = asked;
      expect(await secretsNow()).toEqual([
        { digest: digest.toString('hex'), token_id, role, namespaces, user_id, rates, expires_at },
      ]);
    });

    test('are listed newest first, in pages, the ended ones only when asked for', async () => {
      const ids: string[] = [];
      for (const secret of ['1', '2', '3', '4'])
        ids.push((await tokens.create(newToken(secret), MANY))?.token_id ?? '');
      await tokens.revoke({ token_id: ids[1] ?? '', by: 'me' });
      await tokens.create(newToken('5', { expires_at: Date.now() - 1 }), MANY);
      const list = async (before: string | null, limit: number, ended = false) =>
        (await tokens.list({ before, limit, ended })).map(({ token_id }) => ids.indexOf(token_id));
      expect(await list(null, 2)).toEqual([3, 2]);
      expect(await list(ids[2] ?? '', 2)).toEqual([0]);
      expect(await list(null, 9, true)).toEqual([-1, 3, 2, 1, 0]);
    });

    test('are no more than asked for, those that ended not counted', async () => {
      const first = await tokens.create(newToken('1'), 2);
      await tokens.create(newToken('2'), 2);
      expect(await tokens.create(newToken('3'), 2)).toBeUndefined();
      await tokens.revoke({ token_id: first?.token_id ?? '', by: 'me' });
      const made = await Promise.all([tokens.create(newToken('4'), 2), tokens.create(newToken('5'), 2)]);
      expect(made.filter((token) => token !== undefined)).toHaveLength(1);
    });

    test('a new secret opens beside the former one until the overlap is over, and never a third', async () => {
      const made = await tokens.create(newToken('one'), MANY);
      const token_id = made?.token_id ?? '';
      const rotate = (secret: string, overlap_ms: number) =>
        tokens.rotate({ token_id, digest: digestOf(secret), overlap_ms });
      expect(await rotate('two', HOUR_MS)).toMatchObject({ token_id, rotated_at: expect.any(Number) });
      expect(await opening('one', 'two')).toEqual(['one', 'two']);
      const former = (await secretsNow()).find(({ digest }) => digest === digestOf('one').toString('hex'));
      expect(former?.expires_at).toBeGreaterThan(Date.now() + HOUR_MS / 2);
      await rotate('three', HOUR_MS);
      expect(await opening('one', 'two', 'three')).toEqual(['two', 'three']);
      await rotate('four', 0);
      expect(await opening('two', 'three', 'four')).toEqual(['four']);
    });

    test('one that has ended is not rotated', async () => {
      const revoked = await tokens.create(newToken('one'), MANY);
      await tokens.revoke({ token_id: revoked?.token_id ?? '', by: 'me' });
      const expired = await tokens.create(newToken('two', { expires_at: Date.now() - 1 }), MANY);
      for (const token_id of [revoked?.token_id ?? '', expired?.token_id ?? '', randomUUID()]) {
        expect(await tokens.rotate({ token_id, digest: digestOf(token_id), overlap_ms: 0 })).toBeUndefined();
      }
      expect(await secretsNow()).toEqual([]);
    });

    test('one that is revoked opens nothing with any of its secrets, and stays as it was revoked first', async () => {
      const made = await tokens.create(newToken('one'), MANY);
      const token_id = made?.token_id ?? '';
      await tokens.rotate({ token_id, digest: digestOf('two'), overlap_ms: HOUR_MS });
      const revoked = await tokens.revoke({ token_id, by: 'me' });
      expect(revoked).toMatchObject({ token_id, revoked_by: 'me', revoked_at: expect.any(Number) });
      expect(await secretsNow()).toEqual([]);
      expect(await tokens.revoke({ token_id, by: 'someone else' })).toEqual(revoked);
      expect(await tokens.revoke({ token_id: randomUUID(), by: 'me' })).toBeUndefined();
    });

    test('every change is told, and nothing else is', async () => {
      let known = (await tokens.changed(null, MANY))?.state ?? null;
      expect(await tokens.changed(known, MANY)).toBeUndefined();
      const made = await tokens.create(newToken('one'), MANY);
      const token_id = made?.token_id ?? '';
      const changes = [
        () => tokens.rotate({ token_id, digest: digestOf('two'), overlap_ms: 0 }),
        () => tokens.revoke({ token_id, by: 'me' }),
        () => tokens.removeEnded(Date.now() + HOUR_MS),
      ];
      for (const change of [() => Promise.resolve(made), ...changes]) {
        await change();
        const told = await tokens.changed(known, MANY);
        expect(told?.state).not.toBe(known);
        known = told?.state ?? null;
        expect(await tokens.changed(known, MANY)).toBeUndefined();
      }
    });

    test('secrets are told up to a bound, those of the newest tokens first', async () => {
      for (const secret of ['one', 'two', 'three']) await tokens.create(newToken(secret), MANY);
      const digests = (await tokens.changed(null, 2))?.secrets.map(({ digest }) => digest);
      expect(digests).toEqual(['three', 'two'].map((secret) => digestOf(secret).toString('hex')));
    });

    test('what ended long ago is forgotten', async () => {
      const kept = await tokens.create(newToken('one'), MANY);
      const gone = await tokens.create(newToken('two', { expires_at: Date.now() - HOUR_MS }), MANY);
      expect(await tokens.removeEnded(Date.now() - HOUR_MS / 2)).toBe(1);
      expect(await tokens.get(gone?.token_id ?? '')).toBeUndefined();
      expect(await tokens.get(kept?.token_id ?? '')).toBeDefined();
    });
  });
}
