import { expect, test } from '@jest/globals';
import type { Filter } from '@soma/memory';
import { compileFilter } from './compile-filter.js';

test('nothing of a filter stands in the SQL', () => {
  const filter: Filter = {
    op: 'or',
    clauses: [
      { op: 'eq', field: { payload: [`x'); drop table memories; --`] }, value: `'; --` },
      { op: 'prefix', field: { attribute: 'tags' }, value: `'; --` },
    ],
  };
  expect(compileFilter(filter, [])).not.toContain('--');
});
