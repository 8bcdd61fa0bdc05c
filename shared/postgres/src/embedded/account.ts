import { execFile } from 'node:child_process';
import { chown, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { SomaError } from '@soma/memory';

const run = promisify(execFile);

/** The account that Postgres runs under; undefined: the one of this process. Postgres refuses to run as root. */
export type Account = { uid: number; gid: number } | undefined;

/** As root: the system's `postgres` user where there is one, else `nobody`. */
export async function postgresAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(
        ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, name])).stdout)),
      );
      if (uid !== undefined && gid !== undefined) return { uid, gid };
    } catch {
      // Not on this system; the next one.
    }
  }
  throw new SomaError(
    'invalid_configuration',
    'Postgres does not run as root, and there is no other user to run it; start as an ordinary user',
  );
}

export async function giveTo(account: Account, path: string): Promise<void> {
  if (account !== undefined) await chown(path, account.uid, account.gid);
}

/** Can every user walk down to this folder? Asked only as root, where Postgres runs as somebody else. */
export async function isReachableByAll(folder: string): Promise<boolean> {
  const { mode } = await stat(folder);
  if ((mode & 0o001) === 0) return false;
  return dirname(folder) === folder || isReachableByAll(dirname(folder));
}
