import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { revisionOf } from '@soma/memory';
import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import type pg from 'pg';
import type { Ledger } from '../port.js';
import { createPostgresLedger } from './index.js';

const BOUNDS = { scan: 1_000, namespaces: 100 };

let pool: pg.Pool;
let ledger: Ledger;
let close: () => Promise<void>;
beforeEach(async () => {
  const database = await createTestDatabase();
  pool = createPool({ url: database.url, maxConnections: 2, applicationName: 'test' }, () => undefined);
  ledger = createPostgresLedger({ pool });
  close = async () => {
    await pool.end();
    await database.drop();
  };
});
afterEach(() => close());

const STAND = `
  insert into progress (group_name, topic, partition, generation, position, command_position)
  values ($1, $2, $3, $4, $5, $6)
  on conflict (group_name, topic, partition) do update set
    generation = excluded.generation, position = excluded.position, command_position = excluded.command_position`;

function writerAt(partition: number, position: number, generation = 1): Promise<unknown> {
  return pool.query(STAND, ['writer', 'memory.commands', partition, generation, position, -1]);
}

/** The events of a partition have positions of their own, far beyond those of the commands here. */
function indexerAt(partition: number, command: number, generation = 1): Promise<unknown> {
  return pool.query(STAND, ['indexer', 'memory.events', partition, generation, command * 3 + 100, command]);
}

const STORE = `
  insert into memories (namespace, key, coord, deleted, version, revision, partition, updated_at)
  values ($1, $2, $2, false, 1, $3, $4, now())`;

async function store(namespace: string, partition: number, positions: number[], generation = 1) {
  for (const position of positions) {
    const key = `${namespace}.${partition}.${position}`;
    await pool.query(STORE, [namespace, key, revisionOf(generation, position), partition]);
  }
}

describe('the backlog', () => {
  test('counts memories beyond the indexer in each partition, the largest namespace first', async () => {
    await store('quiet', 0, [0, 1, 7]);
    await store('busy', 0, [2, 3, 4, 5, 6]);
    await store('busy', 1, [0, 1]);
    await writerAt(0, 7);
    await writerAt(1, 1);
    await indexerAt(0, 3);
    await indexerAt(1, 0);
    expect(await ledger.backlog(BOUNDS)).toEqual([
      { namespace: 'busy', memories: 4 },
      { namespace: 'quiet', memories: 1 },
    ]);
  });

  test('is empty where the indexer has come as far as the writer', async () => {
    await store('team', 0, [0, 1]);
    await writerAt(0, 9);
    await indexerAt(0, 9);
    expect(await ledger.backlog(BOUNDS)).toEqual([]);
  });

  test('is everything while no indexer has ever run', async () => {
    await store('team', 0, [0, 1]);
    await writerAt(0, 1);
    expect(await ledger.backlog(BOUNDS)).toEqual([{ namespace: 'team', memories: 2 }]);
  });

  test('after the log was made anew counts only what the new one brought', async () => {
    await store('old', 0, [8, 9]);
    await store('new', 0, [0, 1, 2], 2);
    await writerAt(0, 2, 2);
    await indexerAt(0, 9, 1);
    expect(await ledger.backlog(BOUNDS)).toEqual([{ namespace: 'new', memories: 3 }]);
    await indexerAt(0, 1, 2);
    expect(await ledger.backlog(BOUNDS)).toEqual([{ namespace: 'new', memories: 1 }]);
  });

  test('looks at no more than it may, in equal parts', async () => {
    await store('first', 0, [0, 1, 2, 3, 4]);
    await store('second', 1, [0, 1, 2, 3, 4]);
    await writerAt(0, 4);
    await writerAt(1, 4);
    expect(await ledger.backlog({ scan: 6, namespaces: 1 })).toEqual([{ namespace: 'first', memories: 3 }]);
  });
});
