import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@soma/postgres/embedded';
import { migrate } from '@soma/postgres';
import {
  freePort,
  startKafka,
  startRedis,
  startSchemaRegistry,
  type RunningKafka,
  type RunningRedis,
  type RunningServer,
} from '@soma/testing';

export interface RestartablePostgres extends RunningServer {
  /** Fast shutdown: every connection ends and none is taken. */
  halt(): Promise<void>;
  /** The same data on the same port again. */
  restart(): Promise<void>;
}

/** The stores of a cluster, as local processes. */
export interface Stores {
  kafka: RunningKafka;
  postgres: RestartablePostgres;
  redis: RunningRedis;
  schemaRegistry: RunningServer;
  stop(): Promise<void>;
}

export interface StoresOptions {
  /** Settings of Postgres; by default what is fast and forgets at a power loss. */
  postgresSettings?: Record<string, string>;
}

/** All of them at once, Postgres migrated. */
export async function startStores(options: StoresOptions = {}): Promise<Stores> {
  const [kafka, postgres, redis, schemaRegistry] = await Promise.all([
    startKafka(),
    startMigratedPostgres(options.postgresSettings ?? { fsync: 'off', synchronous_commit: 'off' }),
    startRedis(),
    startSchemaRegistry(),
  ]);
  return {
    kafka,
    postgres,
    redis,
    schemaRegistry,
    stop: async () => {
      await Promise.all([kafka.stop(), postgres.stop(), redis.stop(), schemaRegistry.stop()]);
    },
  };
}

async function startMigratedPostgres(settings: Record<string, string>): Promise<RestartablePostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'soma-postgres-'));
  // As root, Postgres runs under a user of its own, which has to reach the folder.
  await chmod(folder, 0o755);
  const port = await freePort();
  const start = () =>
    startEmbeddedPostgres({ folder, port, settings: { max_connections: '300', ...settings } });
  let server = await start();
  let running = true;
  await migrate(server.url);
  const halt = async () => {
    if (!running) return;
    running = false;
    await server.stop();
  };
  return {
    url: server.url,
    halt,
    restart: async () => {
      server = await start();
      running = true;
    },
    stop: async () => {
      await halt();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
