import { randomUUID } from 'node:crypto';
import { createPostgresLedger } from '@soma/ledger/postgres';
import { deadLetterAt } from '@soma/ledger/contract';
import { parseFilter, revisionOf, type Filter } from '@soma/memory';
import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { batchOf, deleteCommand, storeCommand } from '../contract/index.js';
import { createPostgresErasing, createPostgresMemoryStore } from './index.js';

const MARKER = 'kingfisher';
const marked = (coord: string) => storeCommand(coord, { payload: { text: MARKER }, tags: [MARKER] });
const erase = (coord: string) => deleteCommand(coord, { erase: true });

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
  return { pool, ledger, owner, close, store, erasing: createPostgresErasing({ pool }) };
}

let opened: Awaited<ReturnType<typeof open>>;
beforeEach(async () => {
  opened = await open();
});
afterEach(() => opened.close());

/** Every row of every table that holds the text, as table names. */
async function tablesHolding(text: string): Promise<string[]> {
  const { pool } = opened;
  const { rows } = await pool.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' order by 1`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const { rowCount } = await pool.query(
      `select from ${name} as held where held::text like $1 or held::text like $2 limit 1`,
      [`%${text}%`, `%${Buffer.from(text).toString('hex')}%`],
    );
    if (rowCount === 1) found.push(name);
  }
  return found;
}

describe('an erasing deletion', () => {
  test('leaves nothing of the content, only that there was something', async () => {
    const { store, owner, pool } = opened;
    await store.apply(batchOf(owner, 0, [marked('m'), marked('m'), marked('other')]));
    expect(await tablesHolding(MARKER)).toEqual(['history', 'memories']);
    const [erased] = await store.apply(batchOf(owner, 3, [erase('m')]));
    expect(erased?.operation).toMatchObject({ status: 'stored', deleted: true, version: 3 });
    const { rows } = await pool.query(`select key, version from history order by key, version`);
    expect(rows).toEqual([
      { key: 'm', version: 3 },
      { key: 'other', version: 1 },
    ]);
    await store.apply(batchOf(owner, 4, [erase('other')]));
    expect(await tablesHolding(MARKER)).toEqual([]);
  });

  test('in a batch takes what came before it and spares what comes after', async () => {
    const { store, owner, pool } = opened;
    const commands = [marked('m'), erase('m'), storeCommand('m', { payload: { text: 'later' } })];
    await store.apply(batchOf(owner, 0, commands));
    expect(await tablesHolding(MARKER)).toEqual([]);
    expect(await store.get('team', ['m'])).toMatchObject([{ version: 3, payload: { text: 'later' } }]);
    expect((await pool.query('select version from history order by 1')).rows).toEqual([
      { version: 2 },
      { version: 3 },
    ]);
  });

  test('reaches the history of what is deleted already, and what has expired', async () => {
    const { store, owner } = opened;
    const expired = storeCommand('old', { payload: { text: MARKER }, expires_at: 1 });
    await store.apply(batchOf(owner, 0, [marked('m'), deleteCommand('m'), expired]));
    const applied = await store.apply(batchOf(owner, 3, [erase('m'), erase('old'), erase('never')]));
    expect(applied.map(({ operation: { deleted, version } }) => ({ deleted, version }))).toEqual([
      { deleted: false, version: 3 },
      { deleted: false, version: 2 },
      { deleted: false, version: 1 },
    ]);
    expect(await tablesHolding(MARKER)).toEqual([]);
  });

  test('that is refused erases nothing, nor does a repeat', async () => {
    const { store, owner } = opened;
    const stale = deleteCommand('m', {
      erase: true,
      conditions: { if_exists: false, if_absent: false, if_match: [{ version: 7, revision: null }] },
    });
    await store.apply(batchOf(owner, 0, [marked('m'), stale]));
    expect(await tablesHolding(MARKER)).toEqual(['history', 'memories']);
    const erasing = erase('m');
    await store.apply(batchOf(owner, 2, [erasing, marked('m'), erasing]));
    expect(await tablesHolding(MARKER)).toEqual(['history', 'memories']);
  });

  test('empties the dead letters of its memory, by what was read of them or by their key', async () => {
    const { store, ledger, owner, pool } = opened;
    const value = Buffer.from(MARKER);
    const headers = { note: MARKER };
    const spelled = { namespace: 'team', coord: '42.0,17' };
    const letters = [
      deadLetterAt(0, { ...spelled, key: 'elsewhere', value, headers }),
      deadLetterAt(1, { key: 'team/42,17', value, headers }),
      deadLetterAt(2, { key: 'team/other', value }),
      // Behind the erasure, so of a later write.
      deadLetterAt(4, { ...spelled, key: 'team/42,17', value }),
      deadLetterAt(5, { key: `team/${'x'.repeat(10_000)}`, value }),
    ];
    const batch = batchOf(owner, 3, [erase('42,17')], { position: 5, dead_letters: letters });
    const [applied] = await store.apply(batch);
    const { rows } = await pool.query(
      'select position, key, value, headers, erased_by from dead_letters where erased_at is not null order by 1',
    );
    const gone = { key: null, value: null, headers: {}, erased_by: applied?.operation.operation_id };
    expect(rows).toEqual([
      { position: 0, ...gone },
      { position: 1, ...gone },
    ]);
    const unpublished = await ledger.unpublishedDeadLetters('writer', 'memory.commands', 0, 10);
    expect(unpublished.map((letter) => [letter.position, letter.value?.toString()])).toEqual([
      [0, undefined],
      [1, undefined],
      [2, MARKER],
      [4, MARKER],
      [5, MARKER],
    ]);
  });
});

describe('what is left', () => {
  const keysOf = async (
    selection: Parameters<typeof opened.erasing.targets>[0]['selection'],
    limit = 100,
  ) => {
    const keys: string[] = [];
    for (let after: string | null = null; ;) {
      const page = await opened.erasing.targets({ namespace: 'team', selection, after, until: null, limit });
      keys.push(...page.map(({ key }) => key));
      after = page.at(-1)?.key ?? null;
      if (page.length < limit) return keys;
    }
  };
  const filterOf = (json: Parameters<typeof parseFilter>[0]): Filter => {
    const parsed = parseFilter(json);
    if (!parsed.ok) throw new Error(parsed.detail);
    return parsed.filter;
  };

  beforeEach(async () => {
    const { store, owner, pool } = opened;
    const foreign = { namespace: 'other' };
    await store.apply(
      batchOf(
        owner,
        0,
        [
          storeCommand('a', { tags: ['x'] }),
          storeCommand('b'),
          storeCommand('c', { tags: ['x'], expires_at: 1 }),
          storeCommand('d'),
          deleteCommand('d'),
          storeCommand('a', { ...foreign, tags: ['x'] }),
          storeCommand('l', foreign),
          deleteCommand('gone', { erase: true }),
        ],
        { position: 20, dead_letters: [deadLetterAt(20, { namespace: 'team', coord: '1.0', key: null })] },
      ),
    );
    await pool.query(`
      insert into links values ('team', 'l', 'related', 'm', 'l', 'm', 1, '{}', 1, 1, 0, 0, now(), now())`);
  });

  test('is found by filter, in a namespace, or among some keys, page by page', async () => {
    for (const limit of [1, 2, 100]) {
      expect(await keysOf({ filter: filterOf({ tags: 'x' }) }, limit)).toEqual(['a', 'c']);
      expect(await keysOf('all', limit)).toEqual(['1', 'a', 'b', 'c', 'd', 'l', 'm']);
      expect(await keysOf({ keys: ['never', 'd', 'b', 'gone', 'm'] }, limit)).toEqual(['b', 'd', 'm']);
    }
    const [target] = await opened.erasing.targets({
      namespace: 'team',
      selection: { keys: ['l', 'b'] },
      after: null,
      until: 'c',
      limit: 1,
    });
    const revision = revisionOf(opened.owner.generation, 1);
    expect(target).toEqual({ key: 'b', coord: 'b', version: 1, revision });
    const upToC = { namespace: 'team', after: 'a', until: 'c', limit: 10 };
    for (const selection of ['all' as const, { filter: filterOf({}) }]) {
      const found = await opened.erasing.targets({ ...upToC, selection });
      expect(found.map(({ key }) => key)).toEqual(['b', 'c']);
    }
  });

  test('is counted up to a bound', async () => {
    const of = { namespace: 'team', selection: 'all' as const };
    expect(await opened.erasing.count(of, 100)).toEqual({ count: 7, last: 'm' });
    expect(await opened.erasing.count(of, 3)).toEqual({ count: 3, last: 'b' });
    expect(await opened.erasing.count({ ...of, namespace: 'none' }, 3)).toEqual({ count: 0, last: null });
  });

  test('is said row by row', async () => {
    expect(await opened.erasing.remains('team', null)).toEqual({
      memories: 3,
      history: 4,
      dead_letters: 1,
      links: 1,
      index_points: 0,
    });
    const some = { memories: 1, history: 1, dead_letters: 1, links: 0, index_points: 0 };
    expect(await opened.erasing.remains('team', ['a', '1', 'never'])).toEqual(some);
  });

  test('letters of a namespace go as a whole, once and only up to a time', async () => {
    const { pool, erasing, ledger, owner } = opened;
    const letters = [
      deadLetterAt(21, { key: 'team/\ufffd', recorded_at: 1_000 }),
      deadLetterAt(22, { key: 'team/x', recorded_at: 3_000 }),
      deadLetterAt(23, { key: 'team0/x', recorded_at: 1_000 }),
    ];
    await ledger.advance({ ...batchOf(owner, 30, [], { dead_letters: letters, position: 30 }).progress });
    const id = randomUUID();
    for (let round = 0; round < 2; round += 1) {
      await erasing.eraseLetters({ namespace: 'team', until: 2_000, id });
    }
    const { rows } = await pool.query('select position from dead_letters where erased_by = $1', [id]);
    expect(rows).toEqual([{ position: 21 }]);
    expect(await erasing.lettersErasedBy([id, randomUUID()])).toBe(1);
  });
});
