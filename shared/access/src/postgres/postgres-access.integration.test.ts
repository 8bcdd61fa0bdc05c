import { expect, test } from '@jest/globals';
import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import { describeAuditLog, describeTokens } from '../contract/index.js';
import { createPostgresAuditLog, createPostgresTokens } from './index.js';

async function open() {
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, maxConnections: 4, applicationName: 'test' }, () => undefined);
  const close = async (): Promise<void> => {
    await pool.end();
    await database.drop();
  };
  return { pool, close };
}

describeTokens('Postgres', async () => {
  const { pool, close } = await open();
  return { tokens: createPostgresTokens({ pool }), close };
});
describeAuditLog('Postgres', async () => {
  const { pool, close } = await open();
  return { audit: createPostgresAuditLog({ pool }), close };
});

test('tokens that are changed by hand are told of too', async () => {
  const { pool, close } = await open();
  const tokens = createPostgresTokens({ pool });
  await pool.query(
    `insert into tokens (token_id, description, role, created_by) values (gen_random_uuid(), '', 'admin', 'psql')`,
  );
  await pool.query(
    `insert into token_secrets (digest, token_id) select sha256('by hand'::bytea), token_id from tokens`,
  );
  const told = await tokens.changed(null, 10);
  expect(told?.secrets).toMatchObject([{ role: 'admin', namespaces: null, user_id: null, rates: {} }]);
  await pool.query(`update tokens set revoked_at = now()`);
  expect(await tokens.changed(told?.state ?? null, 10)).toMatchObject({ secrets: [] });
  await close();
});
