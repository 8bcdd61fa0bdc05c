import { createPostgresLedger } from '@soma/ledger/postgres';
import {
  ATTRIBUTE_FIELDS,
  matches,
  type Filter,
  type JsonValue,
  type Memory,
  type Scalar,
  type StoreMemory,
} from '@soma/memory';
import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { batchOf, storeCommand } from '../contract/index.js';
import { compileFilter, createPostgresMemoryStore } from './index.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: ReturnType<typeof createPool>;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, maxConnections: 2, applicationName: 'test' }, () => undefined);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Few values, so that filters meet data; among them those on which languages differ. */
const texts = fc.constantFrom(
  '',
  'a',
  'ab',
  'b',
  'A',
  'é',
  '\u{1f600}',
  '\uffee',
  '1',
  'null',
  `'"\\%_`,
  '0',
);
const numbers = fc.constantFrom(
  0,
  -0,
  1,
  -1,
  0.1,
  0.3,
  1e21,
  1e-7,
  9_007_199_254_740_991,
  1.7976931348623157e308,
  5e-324,
  1_700_000_000_000,
);
const scalars: fc.Arbitrary<Scalar> = fc.oneof(texts, numbers, fc.boolean(), fc.constant(null));
const names = fc.constantFrom('a', 'b', '0', '1', 'é.x', '__proto__');
const values: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;
const payloads = fc.dictionary(names, values, { maxKeys: 4, noNullPrototype: true });
const name = fc.option(texts);
const time = fc.option(fc.constantFrom(0, -1, 1_700_000_000_000, 253_402_300_799_999));

const contents: fc.Arbitrary<Partial<StoreMemory>> = fc.record({
  payload: payloads,
  memory_type: fc.constantFrom('episodic', 'semantic'),
  user_id: name,
  agent_id: name,
  thread_id: name,
  actor: name,
  tags: fc.array(texts, { maxLength: 3 }),
  importance: fc.constantFrom(0, 0.1, 0.3, 1),
  occurred_at: time,
});

const fields = fc.oneof(
  fc.record({ attribute: fc.constantFrom(...ATTRIBUTE_FIELDS) }),
  fc.record({ payload: fc.array(names, { minLength: 1, maxLength: 3 }) }),
);
const comparands = fc.oneof(texts, numbers, fc.constantFrom('episodic', '42.0,17'));
const leaves: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ op: fc.constant('eq' as const), field: fields, value: fc.oneof(scalars, comparands) }),
  fc.record({ op: fc.constant('in' as const), field: fields, values: fc.array(scalars, { maxLength: 3 }) }),
  fc.record({ op: fc.constantFrom('gt', 'gte', 'lt', 'lte'), field: fields, value: comparands }),
  fc.record({ op: fc.constant('exists' as const), field: fields }),
  fc.record({ op: fc.constant('prefix' as const), field: fields, value: texts }),
);
const filters: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: leaves, weight: 3 },
    {
      arbitrary: fc.record({
        op: fc.constantFrom('and', 'or'),
        clauses: fc.array(tie('filter'), { maxLength: 3 }),
      }),
      weight: 1,
    },
    { arbitrary: fc.record({ op: fc.constant('not' as const), clause: tie('filter') }), weight: 1 },
  ),
})).filter;

test('a compiled filter selects exactly what matches() says, whatever the data and the filter', async () => {
  const store = createPostgresMemoryStore({ pool });
  const ledger = createPostgresLedger({ pool });
  const memories: Memory[] = [];
  for (const [run, sample] of fc.sample(fc.array(contents, { minLength: 60, maxLength: 60 }), 3).entries()) {
    const owner = await ledger.claim('writer', 'memory.commands', run);
    const commands = sample.map((content, index) =>
      storeCommand(index === 0 ? '42.0,17' : `r${run}m${index}`, content),
    );
    const applied = await store.apply(batchOf(owner, 0, commands, { partition: run }));
    for (const { state } of applied) if (state?.deleted === false) memories.push(state);
  }
  const current = new Map(memories.map((memory) => [memory.key, memory]));
  await fc.assert(
    fc.asyncProperty(filters, async (filter) => {
      const parameters: unknown[] = [];
      const condition = compileFilter(filter, parameters);
      const { rows } = await pool.query<{ key: string }>(
        `select key from memories where (${condition}) is not null and ${condition}`,
        parameters,
      );
      const expected = [...current.values()]
        .filter((memory) => matches(filter, memory))
        .map(({ key }) => key);
      expect(rows.map(({ key }) => key).sort()).toEqual(expected.sort());
    }),
    { numRuns: 300 },
  );
}, 60_000);

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
