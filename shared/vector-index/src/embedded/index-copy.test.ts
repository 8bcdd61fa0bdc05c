import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { expectSameOrder } from '../contract/expect-same-order.js';
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
        const wanted = referenceSearch([...points.values()], scoped);
        const found = copy.search(scoped);
        expect(copy.live).toBe(points.size);
        expectSameOrder(found.dense, wanted.dense);
        expectSameOrder(found.sparse, wanted.sparse);
      }),
    );
  });

  test('forgets replaced points for good', () => {
    const copy = new IndexCopy(DIMENSION);
    const dense = Float32Array.of(1, 0, 0);
    for (let at = 0; at < 5_000; at++) {
      const key = `k${at % 10}`;
      copy.apply([
        rowOf('default', key, at, pointOf('default', key, at, { dense, terms: [1, at], user_id: 'ann' })),
      ]);
    }
    const { dense: found, sparse } = copy.search({
      ...QUERY,
      filter: byUser('ann'),
      dense: { vector: dense, limit: 50 },
    });
    expect(found.map(({ revision }) => revision).sort()).toEqual(
      Array.from({ length: 10 }, (_, at) => 4_990 + at),
    );
    expect(sparse).toHaveLength(5);
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
      ? ([null, null, null, null] as const)
      : ([
          point.dense && hex(point.dense),
          hex(Uint32Array.from(point.sparse.indices)),
          hex(Float32Array.from(point.sparse.values)),
          JSON.stringify(point.fields),
        ] as const);
  return [String(revision), namespace, key, String(revision), point === null ? 't' : 'f', ...content];
}

function hex(array: Float32Array | Uint32Array): string {
  return `\\x${Buffer.from(array.buffer).toString('hex')}`;
}
