import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = new URL('../../../', import.meta.url).pathname;

/** What the processes are made of, tests apart. */
function sources(): string {
  const files = ['services', 'shared'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /^[^/]+\/src\/.*\.ts$/.test(file) && !/\.test\.ts$|\/contract\//.test(file))
      .map((file) => join(ROOT, folder, file)),
  );
  return files.map((file) => readFileSync(file, 'utf8')).join('\n');
}

test('docs/limits-of-buffers.md names metrics and settings that there are', () => {
  const page = readFileSync(join(ROOT, 'docs/limits-of-buffers.md'), 'utf8');
  const made = sources();
  // Some are named in a list, after what they have in common.
  const listed = [...made.matchAll(/`(soma_\w+_)\$\{name\}`/g)].map(([, prefix]) => prefix ?? '');
  const isMade = (name: string): boolean =>
    made.includes(`'${name}'`) ||
    listed.some((prefix) => name.startsWith(prefix) && made.includes(`['${name.slice(prefix.length)}'`)) ||
    listed.some((prefix) => name.startsWith(prefix) && made.includes(`'${name.slice(prefix.length)}',`));
  const named = new Set([...page.matchAll(/\bsoma_[a-z_]+/g)].map(([name]) => name));
  const settings = new Set([...page.matchAll(/\bSOMA_[A-Z_]+/g)].map(([name]) => name));
  expect(named.size).toBeGreaterThan(20);
  expect([...named].filter((name) => !isMade(name))).toEqual([]);
  expect([...settings].filter((name) => !made.includes(`${name}: `))).toEqual([]);
});
