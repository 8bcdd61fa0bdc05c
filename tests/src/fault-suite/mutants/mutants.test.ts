import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT } from '../../system/service-process.js';
import { FAULTS } from '../faults/index.js';
import { MUTANTS } from './mutants.js';

describe('a planted bug', () => {
  test.each(MUTANTS.flatMap(({ name, edits }) => edits.map((edit) => ({ name, ...edit }))))(
    '$name still fits $file in one place',
    async ({ file, find }) => {
      const text = await readFile(join(ROOT, file), 'utf8');
      expect(text.split(find)).toHaveLength(2);
    },
  );

  test.each(MUTANTS)('$name has a fault of its profile that is to bring it out', ({ fault, profile }) => {
    const found = FAULTS.find(({ name }) => name === fault);
    expect(found?.profiles).toContain(profile);
  });
});
