import { expect, test } from '@jest/globals';
import { deadLetterAt, moveTo } from '@soma/ledger/contract';
import { createPostgresLedger } from '@soma/ledger/postgres';
import { createPool } from '@soma/postgres';
import { createLogger } from '@soma/service';
import { createTestDatabase, eventually } from '@soma/testing';
import { Registry } from 'prom-client';
import { measureDeadLetters } from './measure-dead-letters.js';

test('dead letters are told by status and code, and what there is no more of is gone', async () => {
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, maxConnections: 2, applicationName: 'test' }, () => undefined);
  const ledger = createPostgresLedger({ pool });
  const registry = new Registry();
  const logger = createLogger({ service: 'test', level: 'silent', format: 'json' });
  const measuring = measureDeadLetters({ ledger, logger, registry, everyMs: 5 });
  try {
    const owner = await ledger.claim('writer', 'memory.commands', 0);
    const dead_letters = [deadLetterAt(1), deadLetterAt(2), deadLetterAt(3, { code: 'unknown_schema' })];
    await ledger.advance(moveTo(3, owner, { dead_letters }));
    await measuring.start();
    await eventually(async () => {
      const told = await registry.metrics();
      expect(told).toContain('soma_dead_letters{status="open",code="schema_mismatch"} 2');
      expect(told).toContain('soma_dead_letters{status="open",code="unknown_schema"} 1');
    });
    await pool.query(`delete from dead_letters where code = 'unknown_schema'`);
    await eventually(async () => expect(await registry.metrics()).not.toContain('unknown_schema'));
  } finally {
    await measuring.stop();
    await pool.end();
    await database.drop();
  }
});
