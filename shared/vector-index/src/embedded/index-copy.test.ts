import { describe, expect, test } from '@jest/globals';
import { EVERYTHING } from '@soma/memory';
import fc from 'fast-check';
import { expectCandidates } from '../contract/expect-candidates.js';
import { fields, livePoint, query } from '../contract/fixtures.js';
import { referenceSearch } from '../contract/reference.js';
import type { LivePoint } from '../port.js';
import { IndexCopy } from './index-copy.js';
import type { PointRow } from './point-row.js';

const DIMENSION = 3;
const QUERY = query({
  dense: { vector: Float32Array.of(1, 2, 3), limit: 5 },
  sparse: { vector: { indices: [1, 2, 9], values: [1, 2, 1] }, limit: 5 },
});

const vector = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 }))
  .map((values) => Float32Array.from(values));
const terms = fc
  .uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })
  .map((ids) => ids.sort((a, b) => a - b));
const change = fc.record({
  namespace: fc.constantFrom('default', 'other'),
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  content: fc.option(
    fc.record({ dense: fc.option(vector), terms, user_id: fc.option(fc.constantFrom('ann', 'bob')) }),
    { freq: 4 },
  ),
});

describe('the copy of a collection', () => {
  test('finds what its latest rows hold, however often they changed', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), fc.constantFrom('ann', undefined), (changes, user) => {
        const copy = new IndexCopy(DIMENSION);
        const points = new Map<string, LivePoint>();
        for (const [at, { namespace, key, content }] of changes.entries()) {
          const point = content === null ? null : pointOf(namespace, key, at, content);
          copy.apply([rowOf(namespace, key, at, point)]);
          if (point === null) points.delete(`${namespace}/${key}`);
          else points.set(`${namespace}/${key}`, point);
        }
        const scoped = user === undefined ? QUERY : { ...QUERY, filter: byUser(user) };
        expect(copy.live).toBe(points.size);
        expectCandidates(copy.search(scoped), referenceSearch([...points.values()], scoped), scoped);
      }),
    );
  });

  test('forgets replaced points for good, and keeps the others', () => {
    const copy = new IndexCopy(DIMENSION);
    const points = new Map<string, LivePoint>();
    const put = (key: string, revision: number) => {
      const content = {
        dense: Float32Array.of(1 + revision, 1, 0),
        terms: [1, 10 + revision],
        user_id: 'ann',
      };
      const point = pointOf('default', key, revision, content);
      points.set(key, point);
      copy.apply([rowOf('default', key, revision, point)]);
    };
    for (let at = 0; at < 30; at++) put(`still${at}`, at);
    for (let at = 30; at < 5_000; at++) put(`moving${at % 10}`, at);
    const wide = query({
      filter: byUser('ann'),
      dense: { vector: Float32Array.of(0, 1, 0), limit: 100 },
      sparse: { vector: { indices: [1, 10, 4_999], values: [1, 1, 1] }, limit: 100 },
    });
    const wanted = referenceSearch([...points.values()], wide);
    const found = copy.search(wide);
    expect(found.dense.map(({ key }) => key)).toEqual(wanted.dense.map(({ key }) => key));
    expectCandidates(found, wanted, wide);
    expect(copy.search({ ...wide, filter: EVERYTHING })).toEqual(found);
  });

  test('points written before points had facts have none', () => {
    const copy = new IndexCopy(DIMENSION);
    const [...row] = rowOf('default', 'old', 1, livePoint('old', { dense: null }));
    row[9] = null;
    copy.apply([row]);
    expect(copy.search(query({ dense: null, about: true })).about).toEqual(
      new Map([['old', { facts: null, terms: [0] }]]),
    );
  });

  test('filters on payloads of any size', () => {
    const copy = new IndexCopy(DIMENSION);
    const large = livePoint('large', {
      fields: fields({ payload: { topic: 'x', filler: 'é'.repeat(10_000) } }),
    });
    const small = livePoint('small', { fields: fields({ payload: { topic: 'y' } }) });
    copy.apply([large, small].map((point) => rowOf('default', point.key, 1, { ...point, dense: null })));
    const filter = { op: 'eq' as const, field: { payload: ['topic'] }, value: 'x' };
    expect(copy.search(query({ filter, dense: null })).sparse.map(({ key }) => key)).toEqual(['large']);
  });
});

function byUser(user: string) {
  return { op: 'eq' as const, field: { attribute: 'user_id' as const }, value: user };
}

function pointOf(
  namespace: string,
  key: string,
  revision: number,
  content: { dense: Float32Array | null; terms: number[]; user_id: string | null },
): LivePoint {
  const sparse = { indices: content.terms, values: content.terms.map((_, at) => 1 + at / 4) };
  return livePoint(key, {
    namespace,
    revision,
    dense: content.dense,
    sparse,
    fields: fields({ user_id: content.user_id }),
  });
}

/** The row as Postgres would print it. */
function rowOf(namespace: string, key: string, revision: number, point: LivePoint | null): PointRow {
  const content =
    point === null
      ? ([null, null, null, null, null] as const)
      : ([
          point.dense && hex(point.dense),
          hex(Uint32Array.from(point.sparse.indices)),
          hex(Float32Array.from(point.sparse.values)),
          JSON.stringify(point.fields),
          JSON.stringify(point.facts),
        ] as const);
  return [String(revision), namespace, key, String(revision), point === null ? 't' : 'f', ...content];
}

function hex(array: Float32Array | Uint32Array): string {
  return `\\x${Buffer.from(array.buffer).toString('hex')}`;
}
