import fc from 'fast-check';
import { ATTRIBUTE_FIELDS, TIME_FIELDS, type Filter } from '../filter.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.js';
import { MEMORY_TYPES, type MemoryAttributes } from '../memory.js';
import { parseFilter } from '../parse-filter.js';

/*
 * Memories and filters on which stores may differ: few names and values, so that filters meet data, and among them
 * what a query language could trip over. What a filter means is what `matches` says.
 */

const texts = fc.constantFrom(
  '',
  'a',
  'ab',
  'b',
  'A',
  'é',
  'e\u0301',
  '\u{1f600}',
  '\uffee',
  '1',
  'true',
  'null',
  `'"\\%_`,
  'a b',
);
const numbers = fc.constantFrom(
  0,
  -0,
  1,
  -1,
  1.5,
  0.1,
  0.3,
  1e21,
  1e-7,
  9_007_199_254_740_991,
  1.7976931348623157e308,
  5e-324,
  1_700_000_000_000,
);
const scalars = fc.oneof(texts, numbers, fc.boolean(), fc.constant(null));
const TIMES = [0, -1, 1_700_000_000_000, 253_402_300_799_999];

/** Names in payloads: plain ones, those of attributes, those that are syntax somewhere. */
const names = fc.constantFrom(
  'a',
  'b',
  '0',
  'a b',
  'a-b',
  'a[0]',
  'a[]',
  'a.b',
  'é',
  '"',
  '\\',
  '$in',
  'id',
  '__proto__',
  'constructor',
  'payload',
  'tags',
  'user_id',
  'occurred_at',
);

const values: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 3, arbitrary: scalars },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }) },
  ),
})).value;

const text = fc.option(texts);
const time = fc.option(fc.constantFrom(...TIMES));

/** What a caller may say of a memory, and its payload. */
export const arbitraryContent: fc.Arbitrary<MemoryAttributes & { payload: JsonObject }> = fc.record({
  payload: fc.dictionary(names, values, { maxKeys: 5, noNullPrototype: true }),
  memory_type: fc.constantFrom(...MEMORY_TYPES),
  user_id: text,
  agent_id: text,
  thread_id: text,
  actor: text,
  tags: fc.array(texts, { maxLength: 3 }),
  importance: fc.constantFrom(0, 0.1, 0.3, 0.5, 1),
  occurred_at: time,
});

/** A name as a filter writes it; the first step of a path is no operator, and dots stand between steps. */
const steps = names.filter((name) => !name.includes('.'));
const payloadFields = fc
  .tuple(fc.boolean(), fc.array(steps, { minLength: 1, maxLength: 3 }))
  .filter(([isPrefixed, [first = '']]) => isPrefixed || !first.startsWith('$'))
  .map(([isPrefixed, path]) => `${isPrefixed ? 'payload.' : ''}${path.join('.')}`);
const fields = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<string>(...ATTRIBUTE_FIELDS) },
  { weight: 3, arbitrary: payloadFields },
);

const written = fc.constantFrom(...TIMES.map((at) => new Date(at).toISOString()));
const comparable = fc.oneof(texts, numbers, fc.constantFrom(...MEMORY_TYPES, 'm1', '42.0,17', 2));

function comparisonsOf(field: string): fc.Arbitrary<JsonValue> {
  const isTime = TIME_FIELDS.has(field);
  const scalar = isTime ? fc.oneof(written, fc.constant(null)) : fc.oneof(scalars, comparable);
  const operand = isTime ? written : comparable;
  const list = fc.array(scalar, { maxLength: 3 });
  const operators = fc
    .record(
      {
        $eq: scalar,
        $ne: scalar,
        $gt: operand,
        $gte: operand,
        $lt: operand,
        $lte: operand,
        $in: list,
        $nin: list,
        $exists: fc.boolean(),
        $contains: scalar,
        $prefix: texts,
      },
      { requiredKeys: [] },
    )
    .chain((all) => fc.subarray(Object.entries(all), { minLength: 0, maxLength: 2 }))
    .filter((chosen) => chosen.length > 0)
    .map((chosen) => Object.fromEntries<JsonValue>(chosen));
  return fc.oneof({ weight: 1, arbitrary: scalar }, { weight: 3, arbitrary: operators });
}

const comparison: fc.Arbitrary<JsonObject> = fields.chain((field) =>
  comparisonsOf(field).map((value) => own(field, value)),
);

/** With `__proto__` as a field like any other, as the service's own reader of JSON makes it. */
function own(name: string, value: JsonValue): JsonObject {
  return JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`) as JsonObject;
}

/** Filters as callers send them, each of them good. */
export const arbitraryFilterJson: fc.Arbitrary<JsonObject> = fc
  .letrec<{ filter: JsonObject }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 4, arbitrary: comparison },
      {
        weight: 1,
        arbitrary: fc.tuple(comparison, comparison).map(([one, other]) => ({ ...one, ...other })),
      },
      { weight: 1, arbitrary: clauses(tie('filter')).map((all) => ({ $and: all })) },
      { weight: 1, arbitrary: clauses(tie('filter')).map((all) => ({ $or: all })) },
      { weight: 1, arbitrary: tie('filter').map((clause) => ({ $not: clause })) },
      { weight: 1, arbitrary: fc.constant({}) },
    ),
  }))
  .filter.filter((json) => isJsonObject(json) && parseFilter(json).ok);

function clauses(filter: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject[]> {
  return fc.array(filter, { minLength: 1, maxLength: 3 });
}

export const arbitraryFilter: fc.Arbitrary<Filter> = arbitraryFilterJson.map((json) => {
  const parsed = parseFilter(json);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.filter;
});
