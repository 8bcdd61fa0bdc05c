import { randomUUID } from 'node:crypto';
import { createPostgresLedger } from '@soma/ledger/postgres';
import { moveTo } from '@soma/ledger/contract';
import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { batchOf, deleteCommand, storeCommand } from '../contract/index.js';
import { createPostgresMemoryStore, createPostgresRetention } from './index.js';

const PROJECTIONS = ['indexer', 'graph'];
const DAY_MS = 86_400_000;

async function open() {
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, maxConnections: 4, applicationName: 'test' }, () => undefined);
  const ledger = createPostgresLedger({ pool });
  const owner = await ledger.claim('writer', 'memory.commands', 0);
  const close = async () => {
    await pool.end();
    await database.drop();
  };
  const store = createPostgresMemoryStore({ pool });
  return { pool, ledger, owner, close, store, retention: createPostgresRetention({ pool }) };
}

let opened: Awaited<ReturnType<typeof open>>;
beforeEach(async () => {
  opened = await open();
});
afterEach(() => opened.close());

/** Moves everything so far into the past. */
async function age(days: number): Promise<void> {
  await opened.pool.query(`update duties set done_until = done_until - $1 * interval '1 day'`, [days]);
  await opened.pool.query(`update history set at = at - $1 * interval '1 day'`, [days]);
  await opened.pool.query(`update memories set updated_at = updated_at - $1 * interval '1 day'`, [days]);
}

async function versions(): Promise<string[]> {
  const { rows } = await opened.pool.query<{ name: string }>(
    `select key || ' ' || version as name from history order by key, version`,
  );
  return rows.map(({ name }) => name);
}

async function memories(): Promise<string[]> {
  const { rows } = await opened.pool.query<{ key: string }>('select key from memories order by key');
  return rows.map(({ key }) => key);
}

describe('a duty', () => {
  test('is held by one, until it lets go or its time is over', async () => {
    const { retention } = opened;
    const [one, other] = [randomUUID(), randomUUID()];
    expect(await retention.hold('sweep', one, 60_000)).toBe(true);
    expect(await retention.hold('sweep', one, 60_000)).toBe(true);
    expect(await retention.hold('sweep', other, 60_000)).toBe(false);
    expect(await retention.hold('another', other, 60_000)).toBe(true);
    expect(await retention.hold('sweep', one, -1)).toBe(true);
    expect(await retention.hold('sweep', other, 60_000)).toBe(true);
    expect(await retention.hold('sweep', one, 60_000)).toBe(false);
  });
});

describe('what has expired', () => {
  test('is told oldest first, page by page, tombstones and the living apart', async () => {
    const { store, owner, retention } = opened;
    const future = Date.now() + DAY_MS;
    await store.apply(
      batchOf(owner, 0, [
        storeCommand('b', { expires_at: 2 }),
        storeCommand('a', { expires_at: 2 }),
        storeCommand('first', { expires_at: 1 }),
        storeCommand('lives', { expires_at: future }),
        storeCommand('for-ever'),
        storeCommand('ended', { expires_at: 1 }),
        deleteCommand('ended', { only_expired: true }),
      ]),
    );
    const [first, ...none] = await retention.expired({ after: null, limit: 1 });
    expect(none).toEqual([]);
    expect(first).toMatchObject({
      namespace: 'team',
      key: 'first',
      coord: 'first',
      version: 1,
      expires_at: 1,
    });
    const rest = await retention.expired({ after: first ?? null, limit: 10 });
    expect(rest.map(({ key }) => key)).toEqual(['a', 'b']);
  });
});

describe('history', () => {
  test('lets go of what was replaced before the horizon, and keeps what was valid within it', async () => {
    const { store, owner, retention } = opened;
    await store.apply(batchOf(owner, 0, [storeCommand('m'), storeCommand('m'), storeCommand('still')]));
    await age(100);
    await store.apply(batchOf(owner, 3, [storeCommand('m'), storeCommand('m')]));
    const keep = { days: 90, versions: 100 };
    expect(await retention.pruneHistory(keep)).toBe(1);
    // m 2 was the latest until a moment ago.
    expect(await versions()).toEqual(['m 2', 'm 3', 'm 4', 'still 1']);
    await age(50);
    expect(await retention.pruneHistory(keep)).toBe(0);
    await age(50);
    expect(await retention.pruneHistory(keep)).toBe(2);
    expect(await versions()).toEqual(['m 4', 'still 1']);
  });

  test('keeps the newest versions only', async () => {
    const { store, owner, retention } = opened;
    const commands = Array.from({ length: 5 }, () => storeCommand('m'));
    await store.apply(batchOf(owner, 0, [...commands, storeCommand('other')]));
    await age(1);
    expect(await retention.pruneHistory({ days: 90, versions: 2 })).toBe(3);
    expect(await versions()).toEqual(['m 4', 'm 5', 'other 1']);
  });

  test('is gone through whole, whatever the size of a page', async () => {
    const { store, owner, retention } = opened;
    for (let batch = 0; batch < 3; batch += 1) {
      const commands = Array.from({ length: 900 }, (_, n) => storeCommand(`m${n}`));
      await store.apply(batchOf(owner, batch * 900, commands));
    }
    await age(100);
    expect(await retention.pruneHistory({ days: 90, versions: 100 })).toBe(1800);
    expect(new Set((await versions()).map((name) => name.split(' ')[1]))).toEqual(new Set(['3']));
  });
});

describe('tombstones', () => {
  const keep = { days: 90, projections: PROJECTIONS };

  /** The projections have seen the commands up to this position. */
  async function project(position: number): Promise<void> {
    for (const group of PROJECTIONS) {
      const claim = await opened.ledger.claim(group, 'memory.events', 0);
      const at = { group, topic: 'memory.events' as const, command_position: position };
      await opened.ledger.advance(moveTo(claim.position + 1, claim, at));
    }
  }

  test('go when they are old and nothing older is in the history, and only then', async () => {
    const { store, owner, retention } = opened;
    await store.apply(batchOf(owner, 0, [storeCommand('old'), deleteCommand('old'), storeCommand('lives')]));
    await project(2);
    expect(await retention.pruneTombstones(keep)).toBe(0);
    await age(100);
    // Its history is still there.
    expect(await retention.pruneTombstones(keep)).toBe(0);
    await store.apply(batchOf(owner, 3, [storeCommand('new'), deleteCommand('new')]));
    await project(4);
    await retention.pruneHistory({ days: 90, versions: 100 });
    expect(await retention.pruneTombstones(keep)).toBe(1);
    expect(await memories()).toEqual(['lives', 'new']);
    expect(await versions()).toEqual(['lives 1', 'new 1', 'new 2']);
  });

  test('stay while a projection is behind them, or was never there', async () => {
    const { store, owner, retention } = opened;
    await store.apply(batchOf(owner, 0, [deleteCommand('a', { erase: true })]));
    await age(100);
    expect(await retention.pruneTombstones(keep)).toBe(0);
    await project(-1);
    expect(await retention.pruneTombstones(keep)).toBe(0);
    await project(0);
    expect(await retention.pruneTombstones(keep)).toBe(1);
    expect(await memories()).toEqual([]);
  });

  test('of a memory that is made again at this moment stay out of its way', async () => {
    const { store, owner, retention, pool } = opened;
    await store.apply(batchOf(owner, 0, [deleteCommand('m', { erase: true })]));
    await project(0);
    await age(100);
    const writing = await pool.connect();
    await writing.query('begin');
    await writing.query(`select from memories where key = 'm' for update`);
    expect(await retention.pruneTombstones(keep)).toBe(0);
    await writing.query('commit');
    writing.release();
    await store.apply(batchOf(owner, 1, [storeCommand('m')]));
    expect(await retention.pruneTombstones(keep)).toBe(0);
    expect(await versions()).toEqual(['m 1', 'm 2']);
  });
});
