import { createServer } from 'node:net';
import { migrate } from '@soma/postgres';
import { startEmbeddedPostgres } from '@soma/postgres/embedded';
import type { DataFolder } from './data-folder.js';
import { becomeSoleOwner } from './sole-owner.js';
import type { Logger } from '@soma/service';

export interface EmbeddedStore {
  url: string;
  stop(): Promise<void>;
}

/** Postgres started or adopted, owned by this process alone, and migrated. */
export async function openEmbeddedStore(
  folder: DataFolder,
  wantedPort: number,
  logger: Logger,
  onLost: (error: Error) => void,
): Promise<EmbeddedStore> {
  const port = (await isFree(wantedPort)) ? wantedPort : 0;
  const server = await startEmbeddedPostgres({
    folder: folder.postgres,
    port: port === 0 ? await anyFreePort() : port,
    // Commands with an Idempotency-Key take an advisory lock each until their batch commits.
    settings: {
      max_connections: '60',
      max_locks_per_transaction: '256',
      shared_buffers: '128MB',
      wal_compression: 'on',
    },
  });
  if (server.adopted) logger.info('a Postgres left behind by a killed process is used on');
  let owner;
  try {
    owner = await becomeSoleOwner(server.url, folder.path, onLost);
  } catch (error) {
    if (!server.adopted) await server.stop();
    throw error;
  }
  try {
    await migrate(server.url);
  } catch (error) {
    await owner.release();
    await server.stop();
    throw error;
  }
  return {
    url: server.url,
    stop: async () => {
      await owner.release();
      await server.stop();
    },
  };
}

function isFree(port: number): Promise<boolean> {
  return listenOnce(port).then(
    () => true,
    () => false,
  );
}

function anyFreePort(): Promise<number> {
  return listenOnce(0);
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no TCP port'));
        else resolve(address.port);
      });
    });
  });
}
