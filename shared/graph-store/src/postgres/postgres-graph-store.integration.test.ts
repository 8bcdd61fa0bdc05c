import { createPostgresLedger } from '@soma/ledger/postgres';
import { batchOf, deleteCommand, storeCommand } from '@soma/memory-store/contract';
import { createPostgresMemoryStore } from '@soma/memory-store/postgres';
import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import { expect, test } from '@jest/globals';
import { describeGraphStore, GraphFixture, linkBatchOf, linkCommand } from '../contract/index.js';
import { createPostgresGraphStore } from './index.js';

async function open() {
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, maxConnections: 6, applicationName: 'test' }, () => undefined);
  const close = async () => {
    await pool.end();
    await database.drop();
  };
  const memories = createPostgresMemoryStore({ pool });
  return {
    pool,
    graph: createPostgresGraphStore({ pool }),
    memories,
    ledger: createPostgresLedger({ pool }),
    close,
  };
}

describeGraphStore('Postgres', open);

test('a deletion that meets a link being made waits for it, so that its event finds the link', async () => {
  const { pool, graph, memories, ledger, close } = await open();
  await new GraphFixture({ graph, memories, ledger, close }).write(storeCommand('a'), storeCommand('b'));
  const blocker = await pool.connect();
  await blocker.query('begin; lock table links in access exclusive mode');
  const linking = graph.apply(
    linkBatchOf(await ledger.claim('graph', 'graph.commands', 0), 0, [linkCommand('a', 'b')]),
  );
  await waiting(pool, 1);
  const deleting = memories.apply(
    batchOf(await ledger.claim('writer', 'memory.commands', 0), 2, [deleteCommand('a')]),
  );
  await waiting(pool, 2);
  await blocker.query('commit');
  blocker.release();
  const [[linked], [deleted]] = await Promise.all([linking, deleting]);
  expect(linked?.operation.finished_at).toBeLessThanOrEqual(deleted?.operation.finished_at ?? 0);
  const { rows } = await pool.query<{ from_revision: number }>('select from_revision from links');
  expect(rows[0]?.from_revision).toBeLessThan(deleted?.state?.revision ?? 0);
  await close();
});

test('links that say more than the memories do are found and taken back', async () => {
  const { pool, graph, memories, ledger, close } = await open();
  const fixture = new GraphFixture({ graph, memories, ledger, close });
  await fixture.write(storeCommand('a'), storeCommand('b'));
  await fixture.link(linkCommand('a', 'b'), linkCommand('a', 'c'));
  await pool.query("update links set from_revision = from_revision + 5 where to_key = 'b'");
  await pool.query("update links set to_revision = 9 where to_key = 'c'");
  const { faults } = await graph.checks.page({ after: null, limit: 10, namespace: null });
  expect(faults).toMatchObject([
    { to_key: 'b', fault: 'ahead', coord: 'a' },
    { to_key: 'c', fault: 'unfounded', coord: 'c', revision: null },
  ]);
  await graph.checks.mend(faults);
  expect(await graph.checks.page({ after: null, limit: 10, namespace: null })).toMatchObject({
    links: 1,
    faults: [],
  });
  await close();
});

/** Until so many sessions wait for a lock. */
async function waiting(pool: ReturnType<typeof createPool>, sessions: number): Promise<void> {
  for (;;) {
    const { rowCount } = await pool.query(
      `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
    );
    if (rowCount === sessions) return;
  }
}
