import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { redriveHeader } from '@soma/events';
import type { Operation } from '@soma/memory';
import { createPool, inTransaction } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import fc from 'fast-check';
import type pg from 'pg';
import { deadLetterAt, moveTo } from '../contract/index.js';
import type { Claim, RecordPosition } from '../port.js';
import { createPostgresLedger, Inbox, type InboxEntry } from './index.js';

let pool: pg.Pool;
let close: () => Promise<void>;
beforeAll(async () => {
  const database = await createTestDatabase();
  pool = createPool({ url: database.url, maxConnections: 2, applicationName: 'test' }, () => undefined);
  close = async () => {
    await pool.end();
    await database.drop();
  };
});
afterAll(() => close());

/** A record of one command, at the position that is its place in the list. */
interface Sent {
  /** Whether it can be carried out, or is refused. */
  sound: boolean;
  /** The position that it says it replaces. */
  redrive_of: number | undefined;
  /** Is what it says about another partition's record? */
  elsewhere: boolean;
  /** Does a batch end with it? */
  last: boolean;
}

const at = (position: number, partition = 0): RecordPosition => ({
  topic: 'memory.commands',
  generation: 1,
  partition,
  position,
});
const claimed = ({ redrive_of, elsewhere }: Sent) =>
  redrive_of === undefined ? undefined : at(redrive_of, elsewhere ? 1 : 0);

const STORED = {
  status: 'stored',
  deleted: null,
  created: true,
  version: 1,
  memory_type: null,
  error: null,
} as const;

/** Works a list off in its batches, as a store does. Returns the positions that had an effect. */
async function workOff(sent: readonly Sent[], id: string, owner: Claim): Promise<number[]> {
  const effects: number[] = [];
  let batch: { record: Sent; position: number }[] = [];
  for (const [position, record] of sent.entries()) {
    batch.push({ record, position });
    if (!record.last && position < sent.length - 1) continue;
    effects.push(...(await workOffBatch(batch, id, owner)));
    batch = [];
  }
  return effects;
}

async function workOffBatch(
  batch: readonly { record: Sent; position: number }[],
  id: string,
  owner: Claim,
): Promise<number[]> {
  const refused = batch.filter(({ record }) => !record.sound);
  const dead_letters = refused.map(({ record, position }) => {
    const header = claimed(record);
    const headers = header === undefined ? {} : redriveHeader(header);
    return deadLetterAt(position, { command_id: id, namespace: 'team', coord: 'm', headers });
  });
  const move = moveTo(batch.at(-1)?.position ?? 0, owner, { dead_letters });
  const entries = batch
    .filter(({ record }) => record.sound)
    .map(({ record, position }): InboxEntry => ({
      position,
      coord: 'm',
      envelope: {
        command_id: id,
        namespace: 'team',
        request_hash: null,
        issued_at: 1_700_000_000_000,
        issuer: '',
        bound_to_user: null,
      },
      redrive_of: claimed(record),
    }));
  return inTransaction(pool, async (tx) => {
    const inbox = await Inbox.open(tx, move, entries);
    const effects: number[] = [];
    for (const entry of entries) {
      const read = inbox.mayBeNew(entry);
      if (inbox.answer(entry).verdict !== 'new') continue;
      // An effect that was not foreseen would be decided without what it is about.
      expect(read).toBe(true);
      inbox.record(entry, STORED);
      effects.push(entry.position);
    }
    await inbox.close();
    return effects;
  });
}

/** The rule, in words that fit one command: where it ended, and what had an effect. */
function expected(sent: readonly Sent[]) {
  let end: { status: Operation['status']; position: number } | undefined;
  const effects: number[] = [];
  for (const [position, record] of sent.entries()) {
    const replaces =
      end?.status === 'dead_lettered' && record.redrive_of === end.position && !record.elsewhere;
    if (end !== undefined && !replaces) continue;
    end = { status: record.sound ? 'stored' : 'dead_lettered', position };
    if (record.sound) effects.push(position);
  }
  return { end, effects };
}

const sentRecords = fc
  .array(
    fc.record({
      sound: fc.boolean(),
      back: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      elsewhere: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
      last: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((records): Sent[] =>
    records.map(({ back, ...record }, position) => ({
      ...record,
      redrive_of: back === undefined || back > position ? undefined : position - back,
    })),
  );

async function workOffAll(sent: readonly Sent[]) {
  await pool.query('truncate progress, operations, dead_letters restart identity');
  const ledger = createPostgresLedger({ pool });
  const id = randomUUID();
  const effects = await workOff(sent, id, await ledger.claim('writer', 'memory.commands', 0));
  const rows = async () => ({
    operations: (await pool.query<Operation>('select status, position from operations')).rows,
    letters: (await pool.query('select id, position, status from dead_letters order by id')).rows,
  });
  const replay = async () => workOff(sent, id, await ledger.claim('writer', 'memory.commands', 0));
  return { effects, rows, replay };
}

test('a command has one effect and one end, whatever is refused, sent again and redriven', async () => {
  await fc.assert(
    fc.asyncProperty(sentRecords, async (sent) => {
      const { effects, rows } = await workOffAll(sent);
      const { end, effects: allowed } = expected(sent);
      expect(effects).toEqual(allowed);
      expect((await rows()).operations).toEqual([end]);
    }),
    { numRuns: 150 },
  );
});

test('a rewind to the start changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(sentRecords, async (sent) => {
      const { rows, replay } = await workOffAll(sent);
      const before = await rows();
      await pool.query('update progress set position = -1, fingerprint = null');
      expect(await replay()).toEqual([]);
      expect(await rows()).toEqual(before);
    }),
    { numRuns: 50 },
  );
});

test('a rewind over a letter that can be read by now carries nothing out, even when its command was not known', async () => {
  await pool.query('truncate progress, operations, dead_letters');
  const ledger = createPostgresLedger({ pool });
  const owner = await ledger.claim('writer', 'memory.commands', 0);
  await ledger.advance(moveTo(0, owner, { dead_letters: [deadLetterAt(0)] }));
  await pool.query('update progress set position = -1, fingerprint = null');
  const readable: Sent = { sound: true, redrive_of: undefined, elsewhere: false, last: true };
  const id = randomUUID();
  expect(await workOff([readable], id, await ledger.claim('writer', 'memory.commands', 0))).toEqual([]);
  expect(await ledger.operations('team', [id])).toEqual([undefined]);
});

test('a redriven command whose operation is forgotten is carried out as new, once', async () => {
  const first: Sent = { sound: false, redrive_of: undefined, elsewhere: false, last: true };
  const again: Sent = { sound: true, redrive_of: 0, elsewhere: false, last: true };
  await pool.query('truncate progress, operations, dead_letters');
  const ledger = createPostgresLedger({ pool });
  const owner = await ledger.claim('writer', 'memory.commands', 0);
  const id = randomUUID();
  await workOff([first], id, owner);
  await pool.query('truncate operations');
  expect(await workOffBatch([{ record: again, position: 1 }], id, owner)).toEqual([1]);
  expect(await workOffBatch([{ record: again, position: 2 }], id, owner)).toEqual([]);
});

test('a record of another namespace replaces nothing', async () => {
  await pool.query('truncate progress, operations, dead_letters');
  const ledger = createPostgresLedger({ pool });
  const owner = await ledger.claim('writer', 'memory.commands', 0);
  const id = randomUUID();
  const letter = deadLetterAt(0, { command_id: id, namespace: 'other', coord: 'm' });
  await ledger.advance(moveTo(0, owner, { dead_letters: [letter] }));
  const again: Sent = { sound: true, redrive_of: 0, elsewhere: false, last: true };
  expect(await workOffBatch([{ record: again, position: 1 }], id, owner)).toEqual([]);
  expect(await ledger.operations('other', [id])).toMatchObject([{ status: 'dead_lettered', position: 0 }]);
});
