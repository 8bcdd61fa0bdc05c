// Makes dist/commands/schema/check-records.js whole: what it takes from @soma packages, which are not published, goes
// into it, and the schemas that it reads go beside dist/.
import { cp, readdir, rm } from 'node:fs/promises';
import { build } from 'esbuild';

const FILE = 'commands/schema/check-records';
const SCHEMAS = '../../schemas';

await build({
  entryPoints: [`src/${FILE}.ts`],
  outfile: `dist/${FILE}.js`,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  conditions: ['@soma/source'],
  external: ['avsc'],
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});

await rm('schemas', { recursive: true, force: true });
for (const name of await readdir(SCHEMAS)) {
  if (name.endsWith('.avsc') || name === 'ids.json') await cp(`${SCHEMAS}/${name}`, `schemas/${name}`);
}
