import { createPostgresLedger } from '@soma/ledger/postgres';
import { deadLetterAt } from '@soma/ledger/contract';
import { createPool } from '@soma/postgres';
import { createTestDatabase, eventually } from '@soma/testing';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  batchOf,
  deleteCommand,
  describeMemoryStore,
  describeQuotas,
  storeCommand,
} from '../contract/index.js';
import { createPostgresMemoryStore, createPostgresQuotas } from './index.js';

async function open() {
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, maxConnections: 4, applicationName: 'test' }, () => undefined);
  const close = async () => {
    await pool.end();
    await database.drop();
  };
  const forgetHistory = async (namespace: string, key: string) => {
    await pool.query(FORGET_HISTORY, [namespace, key]);
  };
  return {
    pool,
    store: createPostgresMemoryStore({ pool }),
    quotas: createPostgresQuotas({ pool }),
    ledger: createPostgresLedger({ pool }),
    forgetHistory,
    close,
  };
}

const FORGET_HISTORY = `
  delete from history
  where namespace = $1 and key = $2
    and version < (select version from memories where namespace = $1 and key = $2)`;

describeMemoryStore('Postgres', open);
describeQuotas('Postgres', open);

describe('the Postgres memory store', () => {
  let opened: Awaited<ReturnType<typeof open>>;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  test.each(['memories', 'history', 'namespace_usage', 'operations', 'dead_letters', 'progress'])(
    'writes nothing at all when writing %s fails',
    async (table) => {
      const { pool, store, ledger } = opened;
      const owner = await ledger.claim('writer', 'memory.commands', 0);
      await store.apply(batchOf(owner, 0, [storeCommand('before')]));
      await pool.query(`
        create function fault() returns trigger language plpgsql as $$ begin raise 'fault'; end $$;
        create trigger fault before insert or update on ${table} for each row execute function fault()`);
      const letters = [deadLetterAt(3)];
      const batch = batchOf(owner, 1, [storeCommand('m'), deleteCommand('before')], {
        position: 3,
        dead_letters: letters,
      });
      await expect(store.apply(batch)).rejects.toThrow('fault');
      const { rows } = await pool.query(`
        select (select count(*) from memories) as memories, (select count(*) from history) as history,
          (select count(*) from operations) as operations, (select count(*) from dead_letters) as dead_letters,
          (select max(position) from progress) as position`);
      expect(rows).toEqual([{ memories: 1, history: 1, operations: 1, dead_letters: 0, position: 0 }]);
      await pool.query(`drop trigger fault on ${table}`);
      expect(await store.apply(batch)).toMatchObject([
        { applied_before: false },
        { operation: { deleted: true } },
      ]);
    },
  );

  test('keeps every version in history, deletions among them, with the command that made it', async () => {
    const { pool, store, ledger } = opened;
    const owner = await ledger.claim('writer', 'memory.commands', 0);
    const commands = [storeCommand('m'), deleteCommand('m', { issuer: 'someone' })];
    const applied = await store.apply(batchOf(owner, 0, commands));
    const { rows } = await pool.query(
      'select version, operation_id, issuer, state from history order by version',
    );
    expect(rows).toEqual([
      { version: 1, operation_id: commands[0]?.command_id, issuer: 'tester', state: applied[0]?.state },
      { version: 2, operation_id: commands[1]?.command_id, issuer: 'someone', state: applied[1]?.state },
    ]);
  });

  test('two appliers of one partition: the one whose claim is older is fenced, even when it began first', async () => {
    const { pool, store, ledger } = opened;
    const former = await ledger.claim('writer', 'memory.commands', 0);
    const blocker = await pool.connect();
    await blocker.query('begin');
    await blocker.query('select from progress for update');
    const late = store.apply(batchOf(former, 0, [storeCommand('late')]));
    late.catch(() => undefined);
    await blocker.query('update progress set epoch = epoch + 1');
    await blocker.query('commit');
    blocker.release();
    await expect(late).rejects.toMatchObject({ code: 'ownership_lost' });
    expect(await store.get('team', ['late'])).toEqual([undefined]);
  });

  test('has Postgres look at its memories again when they have grown manyfold', async () => {
    const { pool, store, ledger } = opened;
    const owner = await ledger.claim('writer', 'memory.commands', 0);
    const known = async () =>
      (
        await pool.query<{ known: number }>(
          "select reltuples as known from pg_class where relname = 'memories'",
        )
      ).rows[0]?.known;
    const write = (from: number, count: number) =>
      store.apply(
        batchOf(
          owner,
          from,
          Array.from({ length: count }, (_, at) => storeCommand(`m${from + at}`)),
        ),
      );
    await write(0, 99);
    expect(await known()).toBe(-1);
    await write(99, 1);
    await eventually(async () => expect(await known()).toBe(100));
    await write(100, 299);
    expect(await known()).toBe(100);
    await write(399, 1);
    await eventually(async () => expect(await known()).toBe(400));
  });

  test('takes the longest text there may be, of words that are all different', async () => {
    const { store, ledger } = opened;
    const owner = await ledger.claim('writer', 'memory.commands', 0);
    const text = Array.from({ length: 40_000 }, (_, n) => `w${n}`).join(' ');
    const [applied] = await store.apply(batchOf(owner, 0, [storeCommand('m', { text })]));
    expect(applied?.operation.status).toBe('stored');
  });
});
