import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from '@soma/tests/system';
import { UNGUARDED } from './unguarded.js';

test.each(UNGUARDED)('what is taken out of $file stands there in one place', async ({ file, find }) => {
  const text = await readFile(join(ROOT, file), 'utf8');
  expect(text.split(find)).toHaveLength(2);
});
