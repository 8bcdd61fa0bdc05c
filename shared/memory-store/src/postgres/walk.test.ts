import { describe, expect, test } from '@jest/globals';
import type { ListDirection } from '@soma/memory';
import fc from 'fast-check';
import type { Place, ScannedMemory } from './list-statements.js';
import { walk, type Walked } from './walk.js';

const key = fc.constantFrom('a', 'b', 'c', 'd');
const scannedOnes = fc.array(
  fc.record({ key, place: fc.integer({ min: 0, max: 9 }), passes: fc.boolean() }),
  {
    maxLength: 40,
  },
);
const movedOnes = fc.array(
  fc.record({ key: fc.constantFrom('x', 'y'), place: fc.integer({ min: 0, max: 9 }) }),
  {
    maxLength: 10,
  },
);

const before = (a: Place, b: Place, direction: ListDirection): number => {
  const ascending = (a.place ?? 0) - (b.place ?? 0) || (a.key < b.key ? -1 : Number(a.key > b.key));
  return direction === 'asc' ? ascending : -ascending;
};

/** All pages of it, as a caller reads them. */
async function pagesOf(
  all: readonly ScannedMemory[],
  moved: readonly Place[],
  {
    limit,
    direction,
    hasTime = () => true,
  }: { limit: number; direction: ListDirection; hasTime?: () => boolean },
): Promise<Walked[]> {
  const beyond = (place: Place, after: Place | null) => after === null || before(place, after, direction) > 0;
  const sorted = [...all].sort((a, b) => before(a, b, direction));
  const pages: Walked[] = [];
  for (let after: Place | null = null; ;) {
    const page: Walked = await walk({
      limit,
      after,
      direction,
      moved: moved.filter((place) => beyond(place, after)).sort((a, b) => before(a, b, direction)),
      scan: async (from, size) => sorted.filter((place) => beyond(place, from)).slice(0, size),
      hasTime,
    });
    pages.push(page);
    if (page.next === null) return pages;
    after = page.next;
  }
}

const unique = <T extends Place>(places: readonly T[]): T[] => [
  ...new Map(places.map((place) => [`${place.place} ${place.key}`, place])).values(),
];

describe('a walk', () => {
  test('gives what passes and what has moved, each once and in order, in pages of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        scannedOnes,
        movedOnes,
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('asc' as const, 'desc' as const),
        async (someScanned, someMoved, limit, direction) => {
          const [all, moved] = [unique(someScanned), unique(someMoved)];
          const pages = await pagesOf(all, moved, { limit, direction });
          const expected = [...all.filter(({ passes }) => passes), ...moved]
            .map(({ key: itsKey, place }) => ({ key: itsKey, place }))
            .sort((a, b) => before(a, b, direction));
          expect(pages.flatMap(({ places }) => places)).toEqual(
            expected.map((place) => expect.objectContaining(place)),
          );
          for (const { places } of pages.slice(0, -1)) expect(places).toHaveLength(limit);
        },
      ),
    );
  });

  test('ends a page where its time is over, with more to come', async () => {
    const all = Array.from({ length: 30 }, (_, place) => ({ key: 'a', place, passes: place === 25 }));
    const pages = await pagesOf(all, [], { limit: 2, direction: 'asc', hasTime: () => false });
    expect(pages.length).toBeGreaterThan(5);
    expect(pages[0]).toEqual({ places: [], next: expect.objectContaining({ place: 2 }) });
    expect(pages.flatMap(({ places }) => places)).toEqual([expect.objectContaining({ place: 25 })]);
  });
});
