import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ActQuery, AuditLog, NewAct } from '../audit.js';

function newAct(changes: Partial<NewAct> = {}): NewAct {
  return {
    request_id: randomUUID(),
    subject: 'api-token',
    action: 'createToken',
    address: '192.0.2.7',
    namespace: null,
    target: null,
    ...changes,
  };
}

const ALL: ActQuery = { subject: null, action: null, since: null, before: null, limit: 100 };

/** What the AuditLog port demands of every adapter. */
export function describeAuditLog(
  name: string,
  create: () => Promise<{ audit: AuditLog; close(): Promise<void> }>,
): void {
  describe(`${name} as an audit log`, () => {
    let opened: Awaited<ReturnType<typeof create>>;
    let audit: AuditLog;
    beforeEach(async () => {
      opened = await create();
      audit = opened.audit;
    });
    afterEach(() => opened.close());
    const idsOf = async (query: Partial<ActQuery>) =>
      (await audit.list({ ...ALL, ...query })).map(({ id }) => id);

    test('an act is there from its beginning, and tells how it ended', async () => {
      const act = newAct({ namespace: 'team', target: 'one' });
      const id = await audit.begin(act);
      const begun = { id, ...act, at: expect.any(Number), status: null, code: null, finished_at: null };
      expect(await audit.list(ALL)).toEqual([begun]);
      await audit.end(id, { status: 403, code: 'forbidden', target: null });
      expect(await audit.list(ALL)).toEqual([
        { ...begun, status: 403, code: 'forbidden', finished_at: expect.any(Number) },
      ]);
      await audit.end(id, { status: 201, code: null, target: 'two' });
      expect(await audit.list(ALL)).toMatchObject([{ status: 201, code: null, target: 'two' }]);
    });

    test('acts are listed newest first, in pages, by who, by what and from when on', async () => {
      const first = await audit.begin(newAct());
      const second = await audit.begin(newAct({ subject: 'token:1' }));
      const third = await audit.begin(newAct({ subject: 'token:1', action: 'revokeToken' }));
      expect(await idsOf({})).toEqual([third, second, first]);
      expect(await idsOf({ limit: 2 })).toEqual([third, second]);
      expect(await idsOf({ before: second })).toEqual([first]);
      expect(await idsOf({ subject: 'token:1' })).toEqual([third, second]);
      expect(await idsOf({ subject: 'token:1', action: 'createToken' })).toEqual([second]);
      expect(await idsOf({ since: Date.now() - 60_000 })).toHaveLength(3);
      expect(await idsOf({ since: Date.now() + 60_000 })).toEqual([]);
    });

    test('acts of long ago are forgotten', async () => {
      await audit.begin(newAct());
      expect(await audit.removeBefore(Date.now() - 60_000)).toBe(0);
      expect(await audit.removeBefore(Date.now() + 60_000)).toBe(1);
      expect(await audit.list(ALL)).toEqual([]);
    });
  });
}
