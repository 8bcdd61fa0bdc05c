import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@soma/postgres';
import { startEmbeddedPostgres } from '@soma/postgres/embedded';
import pg from 'pg';
import { freePort } from './free-port.js';

export interface RunningServer {
  url: string;
  stop(): Promise<void>;
}

/** A real Postgres in a folder of its own, with a migrated database `template_soma` that tests copy. */
export async function startPostgres(): Promise<RunningServer> {
  const folder = await mkdtemp(join(tmpdir(), 'soma-postgres-'));
  // As root, Postgres runs under a user of its own, which has to reach the folder.
  await chmod(folder, 0o755);
  const server = await startEmbeddedPostgres({
    folder,
    port: await freePort(),
    settings: { fsync: 'off', max_connections: '300' },
  });
  await runOn(server.url, 'create database template_soma');
  const template = new URL(server.url);
  template.pathname = '/template_soma';
  await migrate(template.href);
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let databases = 0;

/** A fresh, migrated database on the server of the global setup; `drop` ends every connection to it. */
export async function createTestDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const serverUrl = process.env['SOMA_TEST_POSTGRES_URL'];
  if (serverUrl === undefined)
    throw new Error('no test Postgres: this test belongs in *.integration.test.ts');
  databases += 1;
  const name = `test_${process.pid}_${Date.now()}_${databases}`;
  await runOn(serverUrl, `create database ${name} template template_soma`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => runOn(serverUrl, `drop database if exists ${name} with (force)`) };
}

async function runOn(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Copies of one template wait for one another.
    await client.query('select pg_advisory_lock(40021)');
    await client.query(statement);
  } finally {
    await client.end();
  }
}
