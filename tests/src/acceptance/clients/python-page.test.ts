import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from '../../system/index.js';
import { target } from '../client.js';
import { granted } from '../granted.js';
import { run } from '../run-program.js';

/** Where python3 is needed, `python` of SOMA_TEST_REQUIRE says so. */
const isRequired = (process.env['SOMA_TEST_REQUIRE'] ?? '').split(',').includes('python');
const isThere = (await run('python3', ['--version'], {})).exitCode === 0;
const testWhereThere = isThere || isRequired ? test : test.skip;

testWhereThere('the blocks of docs/python.md, one after the other', async () => {
  const page = readFileSync(join(ROOT, 'docs', 'python.md'), 'utf8');
  const program = [...page.matchAll(/```python\n([\s\S]*?)```/g)].map(([, block]) => block).join('\n');
  const { url } = target();
  // A token of one namespace need not name it.
  const { secret } = await granted(`python-${Date.now()}`);
  const ended = await run('python3', ['-c', program], { SOMA_URL: url, SOMA_API_TOKEN: secret });
  expect(ended).toMatchObject({
    exitCode: 0,
    out: 'Ada prefers green tea\n412 version_conflict\nmemory.stored ada.tea 1\n',
  });
});
