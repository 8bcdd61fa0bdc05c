import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SomaError } from '@soma/memory';
import { postgresFolder } from '@soma/postgres/embedded';

export interface DataFolder {
  path: string;
  /** Where Postgres keeps its files; inside `path` unless the account that runs it cannot go there. */
  postgres: string;
}

/** Makes the folder when it is missing. */
export async function openDataFolder(path: string): Promise<DataFolder> {
  const absolute = resolve(path);
  try {
    await mkdir(absolute, { recursive: true });
  } catch (cause) {
    throw new SomaError(
      'invalid_configuration',
      `SOMA_DATA_DIR: the folder ${absolute} cannot be made; give one that is writable, as in SOMA_DATA_DIR=~/soma-data`,
      { cause },
    );
  }
  return { path: absolute, postgres: await postgresFolder(absolute) };
}

/** A secret of this installation and its file, made at the first start and readable by its owner only. */
export async function secretIn(folder: DataFolder, name: string): Promise<{ secret: string; file: string }> {
  const file = join(folder.path, name);
  // `wx`: of two processes that start at once, one makes it and both read it.
  await writeFile(file, randomBytes(24).toString('base64url'), { mode: 0o600, flag: 'wx' }).catch(
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    },
  );
  return { secret: (await readFile(file, 'utf8')).trim(), file };
}
