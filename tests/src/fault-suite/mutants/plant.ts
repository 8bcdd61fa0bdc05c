import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../system/index.js';
import type { Edit, Mutant } from './mutant.js';

const run = promisify(execFile);

const LEFT_OUT = new Set(['node_modules', '.git', '.turbo', 'data', 'docs']);

/** A copy of the built checkout with the bug in it, built again where it changed. */
export interface PlantedMutant {
  /** Root of the copy. */
  root: string;
  remove(): Promise<void>;
}

/** @throws Error when an edit does not fit the sources any more */
export async function plant(mutant: Pick<Mutant, 'edits'>): Promise<PlantedMutant> {
  const root = await mkdtemp(join(tmpdir(), 'soma-mutant-'));
  const remove = () => rm(root, { recursive: true, force: true });
  try {
    await cp(ROOT, root, { recursive: true, filter: (path) => isCopied(path) });
    await linkModules(root);
    for (const edit of mutant.edits) await apply(edit, root);
    const packages = new Set(mutant.edits.map(({ file }) => file.split('/').slice(0, 2).join('/')));
    for (const folder of packages) await build(join(root, folder));
    return { root, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

function isCopied(path: string): boolean {
  const parts = relative(ROOT, path).split(sep);
  return !parts.some((part, depth) => LEFT_OUT.has(part) && (depth === 0 || part === 'node_modules'));
}

/** Everything from outside is linked as it is; the workspaces' own links lead to the copies. */
async function linkModules(root: string): Promise<void> {
  await linkAll(ROOT, root, '.');
  for (const group of ['services', 'shared', 'clients'])
    for (const name of await readdir(join(ROOT, group))) await linkAll(ROOT, root, join(group, name));
}

async function linkAll(from: string, to: string, folder: string): Promise<void> {
  const source = join(from, folder, 'node_modules');
  if (!existsSync(source)) return;
  const target = join(to, folder, 'node_modules');
  await mkdir(target, { recursive: true });
  for (const name of await readdir(source)) {
    // Relative links of the workspaces mean the copy once they stand in it.
    if (name === '@soma')
      await cp(join(source, name), join(target, name), { recursive: true, verbatimSymlinks: true });
    else await symlink(join(source, name), join(target, name));
  }
}

async function apply({ file, find, replace }: Edit, root: string): Promise<void> {
  const path = join(root, file);
  const text = await readFile(path, 'utf8');
  const places = text.split(find).length - 1;
  if (places !== 1) throw new Error(`the edit of ${file} fits ${places} places instead of one: ${find}`);
  await writeFile(
    path,
    text.replace(find, () => replace),
  );
}

async function build(folder: string): Promise<void> {
  const swc = join(ROOT, 'node_modules', '.bin', 'swc');
  await run(swc, ['src', '-d', 'dist', '--strip-leading-paths', '--config-file', '../../.swcrc'], {
    cwd: folder,
  });
}
