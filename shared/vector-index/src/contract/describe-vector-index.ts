import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EVERYTHING, matches, type Filter, type Filterable } from '@soma/memory';
import { arbitraryContent, arbitraryFilter } from '@soma/memory/contract';
import fc from 'fast-check';
import type { Candidate, IndexPoint, IndexQuery, LivePoint, VectorIndex } from '../port.js';
import { describeHeldPoints } from './describe-held-points.js';
import { expectCandidates } from './expect-candidates.js';
import { axis, deletedPoint, DIMENSION, facts, fields, livePoint, NOW, query } from './fixtures.js';
import { referenceSearch } from './reference.js';

const FILTER_CASES = 1_000;

const arbitraryFields: fc.Arbitrary<Filterable> = fc
  .record({
    content: arbitraryContent,
    version: fc.integer({ min: 1, max: 3 }),
    coord: fc.constantFrom('a', 'm1', '42.0,17'),
    expires_at: fc.option(fc.constant(253_402_300_799_999)),
    created_at: fc.constantFrom(0, NOW),
  })
  .map(({ content, ...rest }) => fields({ ...content, ...rest }));

/** A store, and indexes on it as separate processes would have them. */
export interface VectorIndexFixture {
  open(): Promise<VectorIndex>;
  close(): Promise<void>;
}

/** What every VectorIndex must do; `create` makes an empty store. */
export function describeVectorIndex(name: string, create: () => Promise<VectorIndexFixture>): void {
  describe(name, () => {
    let fixture: VectorIndexFixture;
    let index: VectorIndex;
    let collection = '';
    let collections = 0;

    beforeAll(async () => {
      fixture = await create();
      index = await fixture.open();
    });
    afterAll(async () => {
      await index.close();
      await fixture.close();
    });
    beforeEach(async () => {
      collections += 1;
      collection = `contract-${Date.now()}-${collections}`;
      await index.ensureCollection({ name: collection, model: 'model-a', dimension: DIMENSION });
    });

    describeHeldPoints(() => ({ index, collection }));

    const upsert = (...points: IndexPoint[]) => index.upsert(collection, points);
    const search = (changes: Partial<IndexQuery> = {}) => index.search(collection, query(changes));
    const found = async (changes: Partial<IndexQuery> = {}) => revisions((await search(changes)).sparse);

    describe('upsert', () => {
      test('a newer revision replaces an older one', async () => {
        await upsert(livePoint('k', { revision: 1 }));
        await upsert(livePoint('k', { revision: 2, dense: axis(1) }));
        const { dense, sparse } = await search({ dense: { vector: axis(1), limit: 10 } });
        expect(revisions(sparse)).toEqual({ k: 2 });
        expect(dense).toEqual([{ key: 'k', revision: 2, score: expect.closeTo(1, 5) }]);
      });

      test('an older or equal revision changes nothing', async () => {
        await upsert(livePoint('k', { revision: 5 }));
        await upsert(livePoint('k', { revision: 4 }), livePoint('new', { revision: 1 }));
        await upsert(livePoint('k', { revision: 5, dense: axis(1) }));
        const { dense } = await search();
        expect(dense).toEqual([
          { key: 'k', revision: 5, score: expect.closeTo(1, 5) },
          { key: 'new', revision: 1, score: expect.closeTo(1, 5) },
        ]);
      });

      test('of one point twice in a batch the newer stays', async () => {
        await upsert(livePoint('k', { revision: 3 }), livePoint('k', { revision: 2 }));
        await upsert(livePoint('l', { revision: 2 }), livePoint('l', { revision: 3 }));
        expect(await found()).toEqual({ k: 3, l: 3 });
      });

      test('revisions up to 2^53 keep every digit', async () => {
        const revision = Number.MAX_SAFE_INTEGER - 1;
        await upsert(livePoint('k', { revision }));
        await upsert(livePoint('k', { revision: revision + 1 }));
        await upsert(livePoint('k', { revision }));
        expect(await found()).toEqual({ k: revision + 1 });
      });

      test('a large batch is there as a whole', async () => {
        await upsert(...Array.from({ length: 1203 }, (_, at) => livePoint(`k${at}`)));
        expect(await index.count(collection)).toBe(1203);
      });

      test('a vector of another dimension is refused', async () => {
        const point = livePoint('k', { dense: new Float32Array(DIMENSION + 1).fill(1) });
        await expect(upsert(point)).rejects.toMatchObject({ code: 'invalid_configuration' });
        const vector = new Float32Array(DIMENSION + 1).fill(1);
        await expect(search({ dense: { vector, limit: 1 } })).rejects.toMatchObject({
          code: 'invalid_configuration',
        });
      });

      test('an unknown collection is unavailable', async () => {
        const unavailable = { code: 'index_unavailable', retryable: true };
        await expect(index.upsert('unknown', [livePoint('k')])).rejects.toMatchObject(unavailable);
        await expect(index.search('unknown', query())).rejects.toMatchObject(unavailable);
        const progress = { generation: 1, command_position: 1 };
        await expect(index.setProgress('unknown', 0, progress)).rejects.toMatchObject(unavailable);
      });
    });

    describe('deletions', () => {
      test('a deleted point is not found, and a late older upsert does not bring it back', async () => {
        await upsert(livePoint('k', { revision: 1 }), livePoint('other'));
        await upsert(deletedPoint('k', 3));
        await upsert(livePoint('k', { revision: 2 }));
        expect(await found()).toEqual({ other: 1 });
        expect(await index.count(collection)).toBe(1);
      });

      test('a deletion of what never was holds too', async () => {
        await upsert(deletedPoint('k', 3));
        await upsert(livePoint('k', { revision: 2 }));
        expect(await found()).toEqual({});
      });

      test('a newer upsert revives', async () => {
        await upsert(deletedPoint('k', 3));
        await upsert(livePoint('k', { revision: 4 }));
        expect(await found()).toEqual({ k: 4 });
      });

      test('prune removes deletions written before a time, and nothing else', async () => {
        await upsert(livePoint('live'), deletedPoint('old', 3, NOW - 1), deletedPoint('new', 3, NOW));
        await index.setProgress(collection, 0, { generation: 1, command_position: 9 });
        expect(await index.prune(collection, NOW)).toBe(1);
        expect(await index.prune(collection, NOW)).toBe(0);
        await upsert(livePoint('old', { revision: 2 }), livePoint('new', { revision: 2 }));
        expect(await found()).toEqual({ live: 1, old: 2 });
        expect((await index.progress(collection, [0])).get(0)?.command_position).toBe(9);
      });

      test('an index that had not seen a deletion before it was pruned does not go on finding the point', async () => {
        const second = await fixture.open();
        await upsert(livePoint('k', { revision: 1 }), livePoint('other'));
        expect(revisions((await second.search(collection, query())).sparse)).toEqual({ k: 1, other: 1 });
        await upsert(deletedPoint('k', 2, NOW - 1));
        await index.prune(collection, NOW);
        expect(revisions((await second.search(collection, query())).sparse)).toEqual({ other: 1 });
        await second.close();
      });
    });

    describe('search', () => {
      test('finds nothing of another namespace', async () => {
        await upsert(
          livePoint('k'),
          livePoint('k', { namespace: 'other', revision: 2 }),
          livePoint('l', { namespace: 'other' }),
        );
        expect(await found()).toEqual({ k: 1 });
        expect(await found({ namespace: 'other' })).toEqual({ k: 2, l: 1 });
        expect(await found({ namespace: 'third' })).toEqual({});
      });

      test('finds nothing that has expired', async () => {
        const expiring = (key: string, expires_at: number) =>
          livePoint(key, { fields: fields({ expires_at }) });
        await upsert(
          expiring('past', NOW - 1),
          expiring('now', NOW),
          expiring('future', NOW + 1),
          livePoint('never'),
        );
        const { dense, sparse } = await search();
        expect(revisions(sparse)).toEqual({ future: 1, never: 1 });
        expect(revisions(dense)).toEqual({ future: 1, never: 1 });
      });

      test('finds a point without a dense vector by its words only', async () => {
        await upsert(livePoint('refused', { dense: null }), livePoint('k'));
        const { dense, sparse } = await search();
        expect(revisions(dense)).toEqual({ k: 1 });
        expect(revisions(sparse)).toEqual({ k: 1, refused: 1 });
      });

      test('a point loses the vectors that its newer revision does not have', async () => {
        await upsert(livePoint('k', { revision: 1 }));
        await upsert(livePoint('k', { revision: 2, dense: null, sparse: { indices: [99], values: [1] } }));
        expect(await search()).toEqual({ dense: [], sparse: [], about: new Map() });
      });

      test('answers only what was asked, as much as was asked for', async () => {
        await upsert(livePoint('a'), livePoint('b'), livePoint('c'));
        expect((await search({ dense: null })).dense).toEqual([]);
        expect((await search({ sparse: null })).sparse).toEqual([]);
        const dense = { vector: axis(0), limit: 2 };
        expect((await search({ dense, sparse: null })).dense).toHaveLength(2);
        const noTerms = { vector: { indices: [], values: [] }, limit: 2 };
        expect((await search({ sparse: noTerms })).sparse).toEqual([]);
      });

      test('scores what one list found by the other too', async () => {
        await upsert(
          livePoint('near', { dense: axis(0), sparse: { indices: [99], values: [1] } }),
          livePoint('worded', { dense: axis(1), sparse: { indices: [7], values: [1] } }),
          livePoint('neither', { dense: axis(1), sparse: { indices: [99], values: [1] } }),
          livePoint('refused', { dense: null, sparse: { indices: [7], values: [0.5] } }),
        );
        for (const filter of [EVERYTHING, CHECKED_FILTER]) {
          const { dense, sparse } = await search({
            filter,
            dense: { vector: axis(0), limit: 1 },
            sparse: { vector: { indices: [7], values: [1] }, limit: 2 },
          });
          expect(dense).toEqual([
            { key: 'near', revision: 1, score: expect.closeTo(1, 5) },
            { key: 'worded', revision: 1, score: expect.closeTo(0, 5) },
          ]);
          expect(keys(sparse)).toEqual(['refused', 'worded']);
        }
      });

      test.each([
        ['looked up', EVERYTHING],
        ['checked', CHECKED_FILTER],
      ])(
        'tells of each candidate what ranking looks at, and which terms it has: filter %s',
        async (_, filter) => {
          const told = facts({
            thread_id: 't',
            speaker: 'ada',
            occurred_at: NOW - 1,
            importance: 1,
            asks: true,
          });
          const terms = (...indices: number[]) => ({ indices, values: indices.map(() => 1) });
          await upsert(
            livePoint('both', { sparse: terms(7, 9, 11), facts: facts() }),
            livePoint('near', { sparse: terms(99) }),
            livePoint('worded', { dense: null, sparse: terms(9), revision: 1 }),
            livePoint('neither', { dense: axis(1), sparse: terms(99) }),
          );
          await upsert(livePoint('worded', { dense: null, sparse: terms(11, 12), revision: 2, facts: told }));
          const asked = {
            filter,
            dense: { vector: axis(0), limit: 2 },
            sparse: { vector: terms(7, 11, 13), limit: 2 },
            about: true,
          };
          const { about } = await search(asked);
          expect(about).toEqual(
            new Map([
              ['both', { facts: facts(), terms: [0, 1] }],
              ['near', { facts: facts(), terms: [] }],
              ['worded', { facts: told, terms: [1] }],
            ]),
          );
          expect((await search({ ...asked, sparse: null })).about).toEqual(
            new Map(['both', 'near'].map((key) => [key, { facts: facts(), terms: [] }])),
          );
          expect((await search({ ...asked, about: false })).about.size).toBe(0);
        },
      );

      test('gives ties in the order of their keys', async () => {
        await upsert(...['b', 'a', 'd', 'c'].map((key) => livePoint(key)));
        const { dense, sparse } = await search();
        expect(dense.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd']);
        expect(sparse.map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd']);
      });

      test('scores and orders as the port says', async () => {
        const points = fc
          .sample(arbitraryPoint, { numRuns: 120, seed: 1 })
          .map((point, at) => ({ ...point, key: `k${at}` }));
        await index.upsert(collection, points);
        for (const { vector, sparse } of fc.sample(arbitraryVectors, { numRuns: 20, seed: 2 })) {
          const asked = query({ dense: { vector, limit: 20 }, sparse: { vector: sparse, limit: 20 } });
          const answer = await index.search(collection, asked);
          expectCandidates(answer, referenceSearch(points, asked), asked);
        }
      });

      test(`finds exactly what the filter matches: ${FILTER_CASES} filters`, async () => {
        const points = fc
          .sample(arbitraryFields, { numRuns: 120, seed: 3 })
          .map((content, at) => livePoint(`k${at}`, { fields: content }));
        await index.upsert(collection, points);
        await fc.assert(
          fc.asyncProperty(arbitraryFilter, async (filter) => {
            const wanted = points.filter((point) => matches(filter, point.fields)).map(({ key }) => key);
            const { dense, sparse } = await search({ filter });
            expect(keys(sparse)).toEqual(wanted.toSorted());
            expect(keys(dense)).toEqual(wanted.toSorted());
          }),
          { numRuns: FILTER_CASES },
        );
      }, 240_000);

      test('a filter narrows the search itself: the limit is filled with what passes', async () => {
        const note = (at: number) =>
          livePoint(`k${at}`, { fields: fields({ payload: { topic: at % 50 === 0 ? 'rare' : 'common' } }) });
        await upsert(...Array.from({ length: 200 }, (_, at) => note(at)));
        const { dense } = await search({
          filter: { op: 'prefix', field: { payload: ['topic'] }, value: 'rar' },
          dense: { vector: axis(0), limit: 3 },
          sparse: null,
        });
        expect(keys(dense)).toHaveLength(3);
      });

      test('sees what another index upserted before it began', async () => {
        const second = await fixture.open();
        for (let revision = 1; revision <= 5; revision++) {
          await second.upsert(collection, [livePoint('k', { revision }), livePoint(`k${revision}`)]);
          expect(await found()).toMatchObject({ k: revision, [`k${revision}`]: 1 });
        }
        await second.close();
      });

      test('sees each upsert that was done before it, while others upsert', async () => {
        const second = await fixture.open();
        const write = async (writer: VectorIndex, name: string) => {
          for (let revision = 1; revision <= 10; revision++) {
            await writer.upsert(collection, [livePoint(name, { revision })]);
            const answer = revisions((await index.search(collection, query())).sparse);
            expect(answer[name]).toBe(revision);
          }
        };
        await Promise.all([write(index, 'a'), write(second, 'b'), write(second, 'c'), write(index, 'd')]);
        await second.close();
      });
    });

    describe('collections', () => {
      test('ensuring one again is fine; another model or dimension is refused', async () => {
        const refused = { code: 'invalid_configuration' };
        const spec = { name: collection, model: 'model-a', dimension: DIMENSION };
        await index.ensureCollection(spec);
        await expect(index.ensureCollection({ ...spec, model: 'model-b' })).rejects.toMatchObject(refused);
        await expect(index.ensureCollection({ ...spec, dimension: 9 })).rejects.toMatchObject(refused);
      });

      test('progress is kept per partition, and -1 where there is none', async () => {
        const none = { generation: 0, command_position: -1 };
        expect(await index.progress(collection, [0, 3])).toEqual(
          new Map([
            [0, none],
            [3, none],
          ]),
        );
        await index.setProgress(collection, 3, { generation: 1, command_position: 41 });
        await index.setProgress(collection, 3, { generation: 2, command_position: 42 });
        expect(await index.progress(collection, [0, 3])).toEqual(
          new Map([
            [0, none],
            [3, { generation: 2, command_position: 42 }],
          ]),
        );
        expect(await index.count(collection)).toBe(0);
        expect(await search()).toEqual({ dense: [], sparse: [], about: new Map() });
      });

      test('progress is moved only from where it was left', async () => {
        const at = (command_position: number) => ({ generation: 1, command_position });
        const held = async () => (await index.progress(collection, [3])).get(3);
        const move = (from: number[], to: number) =>
          index.moveProgress(collection, 3, { from: from.map(at), to: at(to) });
        expect(await move([-1, 0], 5)).toBe(false);
        expect(await held()).toEqual({ generation: 0, command_position: -1 });
        await index.setProgress(collection, 3, at(-1));
        await index.setProgress(collection, 4, at(-1));
        expect(await move([-1], 5)).toBe(true);
        expect(await move([-1], 5)).toBe(true);
        expect(await move([-1, 4], 6)).toBe(false);
        expect(await held()).toEqual(at(5));
        expect(await move([4, 5], 6)).toBe(true);
        expect(
          await index.moveProgress(collection, 3, {
            from: [at(6)],
            to: { generation: 2, command_position: 0 },
          }),
        ).toBe(true);
        expect(await index.progress(collection, [3, 4])).toEqual(
          new Map([
            [3, { generation: 2, command_position: 0 }],
            [4, at(-1)],
          ]),
        );
        expect(await index.count(collection)).toBe(0);
      });

      test('count has the live points of all namespaces', async () => {
        await upsert(livePoint('a'), livePoint('a', { namespace: 'other' }), deletedPoint('b', 1));
        expect(await index.count(collection)).toBe(2);
      });

      test('an index answers a ping', async () => {
        await expect(index.ping()).resolves.toBeUndefined();
      });
    });
  });
}

/** Passes every point, by a comparison that an index may have to check itself. */
const CHECKED_FILTER: Filter = {
  op: 'not',
  clause: { op: 'prefix', field: { payload: ['none'] }, value: 'x' },
};

const arbitraryVectors = fc.record({
  vector: fc
    .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: DIMENSION, maxLength: DIMENSION })
    .map((values) => Float32Array.from(values, (value, at) => value + (at === 0 ? 2 : 0))),
  sparse: fc
    .dictionary(fc.integer({ min: 0, max: 30 }).map(String), fc.double({ min: 0.1, max: 1.6, noNaN: true }), {
      minKeys: 1,
      maxKeys: 8,
    })
    .map((weights) => ({ indices: Object.keys(weights).map(Number), values: Object.values(weights) })),
});

const arbitraryPoint: fc.Arbitrary<LivePoint> = arbitraryVectors.map(({ vector, sparse }) =>
  livePoint('', { dense: vector, sparse }),
);

function revisions(candidates: Candidate[]): Record<string, number> {
  return Object.fromEntries(candidates.map(({ key, revision }) => [key, revision]));
}

function keys(candidates: Candidate[]): string[] {
  return candidates.map(({ key }) => key).sort();
}
