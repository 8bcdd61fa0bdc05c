import { execFile } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BLOCK = Buffer.alloc(64 * 1024, 1);

/** A small file system of its own that can be filled to the last byte. */
export interface SmallDisk {
  path: string;
  fill(): Promise<void>;
  free(): Promise<void>;
  stop(): Promise<void>;
}

/** A tmpfs at `path`, made when missing. @throws when this user may not mount */
export async function mountSmallDisk(path: string, megabytes: number): Promise<SmallDisk> {
  await mkdir(path, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', path]);
  const ballast = join(path, 'ballast');
  return {
    path,
    fill: () => fill(ballast),
    free: () => rm(ballast, { force: true }),
    stop: async () => {
      await run('umount', ['--lazy', path]);
    },
  };
}

async function fill(file: string): Promise<void> {
  const ballast = await open(file, 'a');
  try {
    // A short write comes before the refusal.
    for (;;) await ballast.write(BLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    await ballast.close();
  }
}

/** Why there can be none here; undefined when there can. */
export async function whyNoSmallDisk(folder: string): Promise<string | undefined> {
  try {
    const disk = await mountSmallDisk(join(folder, 'probe'), 1);
    await disk.stop();
    return undefined;
  } catch {
    return 'this user may not mount a tmpfs';
  }
}
