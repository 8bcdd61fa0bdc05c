import { setTimeout as sleep } from 'node:timers/promises';
import { SomaError } from '@soma/memory';
import pg from 'pg';

/** Any fixed number: the advisory lock that the one standalone of a data folder holds. */
const LOCK = 40020;
/** A killed process's connections may take a moment to be noticed. */
const PATIENCE_MS = 3_000;

/**
 * Holds the session lock inside Postgres that says that a standalone works on this data. Pid files lie; a session that
 * is gone lets go by itself. `onLost` is told when the session ends before `release`.
 */
export async function becomeSoleOwner(
  url: string,
  folder: string,
  onLost: (error: Error) => void,
): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({ connectionString: url, application_name: 'soma owner' });
  let released = false;
  client.on('error', (error) => {
    if (!released) onLost(error);
  });
  await client.connect();
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await tryLock(client))) {
    if (Date.now() < deadline) {
      await sleep(100);
      continue;
    }
    released = true;
    await client.end();
    throw new SomaError(
      'data_folder_in_use',
      `another SomaFractalMemory works on ${folder}; stop it, or give this one its own SOMA_DATA_DIR`,
    );
  }
  return {
    release: async () => {
      released = true;
      await client.end();
    },
  };
}

async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
    LOCK,
  ]);
  return rows[0]?.locked === true;
}
