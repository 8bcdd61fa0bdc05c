import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import { deadLetterAt, describeLedger, KEEP, moveTo } from '../contract/index.js';
import { createPostgresLedger } from './index.js';

async function open() {
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, maxConnections: 4, applicationName: 'test' }, () => undefined);
  const close = async () => {
    await pool.end();
    await database.drop();
  };
  return { url: database.url, pool, ledger: createPostgresLedger({ pool }), close };
}

describeLedger('Postgres', open);

describe('the Postgres ledger', () => {
  let opened: Awaited<ReturnType<typeof open>>;
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(() => opened.close());

  test('begins a raised log generation at its start, and refuses moves of the old one', async () => {
    const { ledger, pool } = opened;
    const old = await ledger.claim('writer', 'memory.commands', 0);
    await ledger.advance(moveTo(7, old, { command_position: 5 }));
    await pool.query('update installation set log_generation = 2');
    const raised = await ledger.claim('writer', 'memory.commands', 0);
    expect(raised).toEqual({
      epoch: old.epoch + 1,
      generation: 2,
      position: -1,
      fingerprint: null,
      command_position: -1,
    });
    const stale = moveTo(8, { ...raised, generation: 1 });
    await expect(ledger.advance(stale)).rejects.toMatchObject({ code: 'ownership_lost' });
  });

  test('writes neither a dead letter nor its operation when progress fails to move', async () => {
    const { ledger, pool } = opened;
    const owner = await ledger.claim('writer', 'memory.commands', 0);
    await pool.query('alter table progress add constraint fault check (position < 5)');
    const id = randomUUID();
    const letter = deadLetterAt(9, { command_id: id, namespace: 'team', coord: '42' });
    await expect(ledger.advance(moveTo(9, owner, { dead_letters: [letter] }))).rejects.toThrow();
    expect(await ledger.unpublishedDeadLetters('writer', 'memory.commands', 0, 10)).toEqual([]);
    expect(await ledger.operations('team', [id])).toEqual([undefined]);
  });

  test('moves rows of the default partition into the day that is made for them, and drops old days', async () => {
    const { ledger, pool } = opened;
    const id = randomUUID();
    const owner = await ledger.claim('writer', 'memory.commands', 0);
    const letter = deadLetterAt(9, { command_id: id, namespace: 'team', coord: '42' });
    await ledger.advance(moveTo(9, owner, { dead_letters: [letter] }));
    await pool.query(
      `create table operations_20200101 partition of operations for values from ('2020-01-01 00:00+00') to ('2020-01-02 00:00+00')`,
    );
    expect(await ledger.maintain(KEEP)).toMatchObject({ created: 3, dropped: 1 });
    const { rows } = await pool.query<{ partition: string }>(
      'select tableoid::regclass::text as partition from operations where command_id = $1',
      [id],
    );
    expect(rows[0]?.partition).toMatch(/^operations_\d{8}$/);
  });

  test('two maintainers at once make each partition once', async () => {
    const { ledger } = opened;
    const results = await Promise.all([ledger.maintain(KEEP), ledger.maintain(KEEP)]);
    expect(results.reduce((sum, { created }) => sum + created, 0)).toBe(3);
  });

  test('notes an index error at the operation that made the revision', async () => {
    const { ledger, pool } = opened;
    const id = randomUUID();
    await pool.query(
      `insert into operations (command_id, namespace, topic, partition, position, generation, coord, status, created, version, revision, issuer, accepted_at)
       values ($1, 'team', 'memory.commands', 0, 9, 1, '42', 'stored', true, 1, 77, '', now())`,
      [id],
    );
    await pool.query(
      `insert into history (namespace, key, version, revision, partition, operation_id, issuer, at, state)
       values ('team', '42', 1, 77, 0, $1, '', now(), '{}')`,
      [id],
    );
    await ledger.noteIndexErrors([{ namespace: 'team', key: '42', revision: 77, reason: 'too long' }]);
    expect(await ledger.operations('team', [id])).toMatchObject([{ index_error: 'too long' }]);
  });

  test('is unavailable, retryably, while Postgres does not answer', async () => {
    const { pool, url } = opened;
    const impatient = createPool(
      { url, maxConnections: 1, applicationName: 'test', statementTimeoutMs: 50 },
      () => undefined,
    );
    const other = await pool.connect();
    await other.query('begin; lock table progress in access exclusive mode');
    const failure = { code: 'store_unavailable', retryable: true };
    await expect(createPostgresLedger({ pool: impatient }).progress()).rejects.toMatchObject(failure);
    await other.query('rollback');
    other.release();
    expect(await createPostgresLedger({ pool: impatient }).progress()).toEqual([]);
    await impatient.end();
  });
});
