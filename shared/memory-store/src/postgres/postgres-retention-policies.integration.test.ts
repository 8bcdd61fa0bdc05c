import { createPostgresLedger } from '@soma/ledger/postgres';
import type { Filter, MemoryCommand } from '@soma/memory';
import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { batchOf, deleteCommand, storeCommand } from '../contract/index.js';
import { NO_COUNTS, type Decay, type RetentionPolicy } from '../index.js';
import {
  createPostgresAccessCounts,
  createPostgresErasing,
  createPostgresMemoryStore,
  createPostgresRetention,
  createPostgresRetentionPolicies,
} from './index.js';

const DAY = 86_400;
const NOTHING: RetentionPolicy = { ttl_seconds: null, max_memories: null, decay: null };
const decaying = (changes: Partial<Decay> = {}): Decay => ({
  half_life_seconds: DAY,
  min_score: 0.1,
  accesses: false,
  ...changes,
});

async function open() {
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, maxConnections: 4, applicationName: 'test' }, () => undefined);
  const owner = await createPostgresLedger({ pool }).claim('writer', 'memory.commands', 0);
  const close = async () => {
    await pool.end();
    await database.drop();
  };
  return {
    pool,
    owner,
    close,
    store: createPostgresMemoryStore({ pool }),
    erasing: createPostgresErasing({ pool }),
    retention: createPostgresRetention({ pool }),
    policies: createPostgresRetentionPolicies({ pool }),
    accesses: createPostgresAccessCounts({ pool }),
  };
}

let opened: Awaited<ReturnType<typeof open>>;
let next = 0;
beforeEach(async () => {
  opened = await open();
  next = 0;
});
afterEach(() => opened.close());

async function apply(...commands: MemoryCommand[]): Promise<void> {
  await opened.store.apply(batchOf(opened.owner, next, commands));
  next += commands.length;
}

/** Stores a memory that was last written so many days ago. */
async function store(coord: string, days = 0, importance = 0.5, namespace = 'team'): Promise<void> {
  await apply(storeCommand(coord, { importance, namespace }));
  await opened.pool.query(
    `update memories set updated_at = updated_at - $3 * interval '1 day' where namespace = $1 and key = $2`,
    [namespace, coord, days],
  );
}

async function outlived(policy: Partial<RetentionPolicy>, limit = 100): Promise<string[]> {
  const found = await opened.policies.outlived('team', { ...NOTHING, ...policy }, limit);
  return found.map(({ key, reason }) => `${key} ${reason}`);
}

describe('a policy', () => {
  test('is kept as it was set, and due at once', async () => {
    const { policies } = opened;
    const policy = { ttl_seconds: DAY, max_memories: 10, decay: decaying({ accesses: true }) };
    const set = await policies.set('team', policy, 'an admin');
    expect(set).toMatchObject({
      namespace: 'team',
      policy,
      updated_by: 'an admin',
      last_run: null,
      deleted: NO_COUNTS,
    });
    expect(await policies.get('team')).toEqual(set);
    expect(await policies.due()).toEqual(set);
    expect(await policies.get('other')).toBeUndefined();
    await policies.set('team', { ...NOTHING, max_memories: 0 }, 'another');
    expect(await policies.get('team')).toMatchObject({ policy: { max_memories: 0, decay: null } });
    expect([await policies.remove('team'), await policies.remove('team')]).toEqual([true, false]);
    expect(await policies.due()).toBeUndefined();
  });

  test('is due again some time after a run, and at once when it was set anew meanwhile', async () => {
    const { policies } = opened;
    const first = await policies.set('team', NOTHING, '');
    await policies.count('team', { ttl: 1, decay: 2, max_memories: 3 });
    await policies.ran({ namespace: 'team', since: first.updated_at, deleted: 6, againInMs: 60_000 });
    expect(await policies.due()).toBeUndefined();
    expect(await policies.get('team')).toMatchObject({
      last_run: { deleted: 6 },
      deleted: { ttl: 1, decay: 2, max_memories: 3 },
    });
    await policies.set('team', NOTHING, '');
    await policies.ran({ namespace: 'team', since: first.updated_at - 1, deleted: 0, againInMs: 60_000 });
    expect(await policies.due()).toMatchObject({ namespace: 'team' });
  });

  test('of many are listed by namespace, in pages', async () => {
    const { policies } = opened;
    for (const namespace of ['c', 'a', 'b']) await policies.set(namespace, NOTHING, '');
    const pages = [
      await policies.list({ after: null, limit: 2 }),
      await policies.list({ after: 'b', limit: 2 }),
    ];
    expect(pages.map((page) => page.map(({ namespace }) => namespace))).toEqual([['a', 'b'], ['c']]);
  });
});

describe('what a policy lets go of', () => {
  test('by ttl: what was written longer ago, the oldest first', async () => {
    await store('new');
    await store('old', 3);
    await store('older', 4);
    await store('elsewhere', 9, 0.5, 'other');
    expect(await outlived({ ttl_seconds: 2 * DAY })).toEqual(['older ttl', 'old ttl']);
    expect(await outlived({ ttl_seconds: 2 * DAY }, 1)).toEqual(['older ttl']);
    expect(await outlived({})).toEqual([]);
  });

  test('by decay: what its age and importance bring below the least score', async () => {
    await store('fresh', 0, 0.2);
    await store('important', 3, 1);
    await store('faded', 3, 0.7);
    await store('never.mattered', 0, 0);
    expect(await outlived({ decay: decaying({ min_score: 0.1 }) })).toEqual([
      'never.mattered decay',
      'faded decay',
    ]);
    // However old: half of half of … is no error.
    await store('ancient', 30_000, 1);
    expect(await outlived({ decay: decaying({ min_score: 0.01 }) })).toContain('ancient decay');
  });

  test('by decay with accesses: what is recalled lasts longer', async () => {
    await store('recalled', 3, 0.5);
    await store('recalled.lately', 30, 0.5);
    await store('forgotten', 3, 0.5);
    const now = Date.now();
    await opened.accesses.add([
      { namespace: 'team', key: 'recalled', accesses: 7, accessed_at: now - 3 * DAY * 1_000 },
      { namespace: 'team', key: 'recalled.lately', accesses: 1, accessed_at: now },
    ]);
    expect(await outlived({ decay: decaying({ accesses: true }) })).toEqual(['forgotten decay']);
    expect(await outlived({ decay: decaying() })).toHaveLength(3);
  });

  test('by number: the least recently written go, with decay those of the lowest score', async () => {
    await store('a', 3, 1);
    await store('b', 2, 0.1);
    await store('c', 1, 0.5);
    expect(await outlived({ max_memories: 1 })).toEqual(['a max_memories', 'b max_memories']);
    expect(await outlived({ max_memories: 1 }, 1)).toEqual(['a max_memories']);
    const decay = decaying({ half_life_seconds: 100 * DAY, min_score: 0 });
    expect(await outlived({ max_memories: 2, decay })).toEqual(['b max_memories']);
    expect(await outlived({ max_memories: 3 })).toEqual([]);
    expect(await outlived({ max_memories: 0 })).toHaveLength(3);
  });

  test('by number only once nothing is left to go otherwise', async () => {
    await store('old', 9);
    await store('new');
    await store('newer');
    const both = { ttl_seconds: DAY, max_memories: 1 };
    expect(await outlived(both)).toEqual(['old ttl']);
    await apply(deleteCommand('old'));
    expect(await outlived(both)).toEqual(['new max_memories']);
  });

  test('is neither deleted nor expired before', async () => {
    await store('gone', 9);
    await apply(deleteCommand('gone'), storeCommand('over', { expires_at: 1 }));
    expect(await outlived({ ttl_seconds: 1, max_memories: 0 })).toEqual([]);
  });
});

describe('a preview', () => {
  const preview = (policy: Partial<RetentionPolicy>) =>
    opened.policies.preview('team', { ...NOTHING, ...policy }, 1);

  test('counts by reason and shows the first of each', async () => {
    await store('old', 9);
    await store('older', 10);
    await store('worthless', 0, 0);
    for (const n of [1, 2, 3]) await store(`kept${n}`, 0.1 * (4 - n), 1);
    const policy = { ttl_seconds: DAY, decay: decaying(), max_memories: 2 };
    expect(await preview(policy)).toEqual({
      live: 6,
      would_delete: { ttl: 2, decay: 1, max_memories: 1 },
      coords: { ttl: ['older'], decay: ['worthless'], max_memories: ['kept1'] },
    });
  });

  test('of what lets nothing go counts what lives', async () => {
    const none = { would_delete: NO_COUNTS, coords: { ttl: [], decay: [], max_memories: [] } };
    expect(await preview({ max_memories: 0 })).toEqual({ live: 0, ...none });
    await store('m');
    expect(await preview({})).toEqual({ live: 1, ...none });
    expect(await preview({ decay: decaying({ accesses: true }), max_memories: 1 })).toEqual({
      live: 1,
      ...none,
    });
  });
});

describe('access counts', () => {
  const counted = async () =>
    (await opened.pool.query('select key, accesses from memory_accesses order by key')).rows as unknown[];
  const add = (key: string, accesses: number, accessed_at = Date.now()) =>
    opened.accesses.add([{ namespace: 'team', key, accesses, accessed_at }]);

  test('add up, of live memories only', async () => {
    await store('m');
    await add('m', 2);
    await add('m', 3);
    await add('never', 1);
    await opened.accesses.add([]);
    expect(await counted()).toEqual([{ key: 'm', accesses: 5 }]);
  });

  test('begin anew with a memory that was made again', async () => {
    await store('m');
    await add('m', 2);
    await opened.pool.query(`update memory_accesses set created_at = created_at - interval '1 second'`);
    await add('m', 1);
    expect(await counted()).toEqual([{ key: 'm', accesses: 1 }]);
  });

  test('are told to the ranking when it asks', async () => {
    await store('m');
    await add('m', 5);
    const told = async (accesses: boolean) => {
      const marks = { times: false, tells_time: false, phrases: [], accesses };
      return (await opened.store.recall.facts({ namespace: 'team', user_id: null }, ['m'], marks)).map(
        (fact) => fact.accesses,
      );
    };
    expect([await told(true), await told(false)]).toEqual([[5], [0]]);
  });

  test('go with their memory', async () => {
    for (const coord of ['a', 'b', 'c']) {
      await store(coord);
      await add(coord, 1);
    }
    await apply(deleteCommand('a'), deleteCommand('b', { erase: true }));
    expect(await counted()).toHaveLength(2);
    expect(await opened.retention.pruneAccesses()).toBe(1);
    expect(await counted()).toEqual([{ key: 'c', accesses: 1 }]);
    expect(await opened.retention.pruneAccesses()).toBe(0);
  });
});

test('a deletion that means what readers see leaves out what has expired', async () => {
  await store('a');
  await apply(storeCommand('over', { expires_at: 1 }));
  const filter: Filter = { op: 'and', clauses: [] };
  const targets = async (selection: { live: Filter } | { filter: Filter }) =>
    (await opened.erasing.targets({ namespace: 'team', selection, after: null, until: null, limit: 9 })).map(
      ({ key }) => key,
    );
  expect(await targets({ live: filter })).toEqual(['a']);
  expect(await targets({ filter })).toEqual(['a', 'over']);
});
