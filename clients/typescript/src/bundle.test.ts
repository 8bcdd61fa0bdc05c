import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';

/** What a page that imports all of the client loads. A browser's build fails at any module of Node's. */
async function bundle(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('index.ts', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

test('the client is one small file without dependencies, of the size that the README says', async () => {
  const bytes = await bundle();
  expect(Buffer.from(bytes).toString()).not.toMatch(/\bimport\b|\brequire\b/);
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, minified, zipped] = /(\d+\.\d) kB minified, (\d+\.\d) kB gzipped/.exec(readme) ?? [];
  // To half a kilobyte, so that not every change of a line changes the README.
  expect(Number(minified)).toBeCloseTo(bytes.length / 1000, 0);
  expect(Number(zipped)).toBeCloseTo(gzipSync(bytes).length / 1000, 0);
});
