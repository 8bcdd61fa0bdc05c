import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CacheUnderTest, CreateCache } from './cache-under-test.js';
import { freshNamespace, memoryAt } from './states.js';

/** One memory, its source of truth, the invalidator's queue, and readers that may pause between any two steps. */
interface World {
  tested: CacheUnderTest;
  namespace: string;
  /** Revision in the source of truth. */
  source: number;
  /** Revisions whose put is still to come, oldest first: the stream delivers in order. */
  undelivered: number[];
  /** Newest revision put so far. */
  delivered: number;
  readers: Reader[];
}

/** A reader goes round: it reads; when it gets a lease it looks at the source; then it fills. */
type Reader = { at: 'read' } | { at: 'look'; lease: string } | { at: 'fill'; lease: string; seen: number };

type Step =
  { step: 'change' | 'deliver' | 'deliver again' | 'evict' | 'lose' } | { step: 'advance'; reader: number };

const READERS = 3;

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ step: fc.constantFrom('change', 'deliver', 'deliver again', 'evict', 'lose') }),
  fc.record({ step: fc.constant('advance'), reader: fc.nat({ max: READERS - 1 }) }),
);

/**
 * Whatever the order of steps, no read finds a state older than the newest put before it, not even when entries
 * are evicted in between.
 */
export function describeCacheInterleavings(create: CreateCache): void {
  describe('in any interleaving', () => {
    let tested: CacheUnderTest;
    beforeAll(async () => {
      tested = await create({});
    });
    afterAll(() => tested.close());

    test('readers, changes and evictions never bring an old state back', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 60, size: 'max' }), async (sequence) => {
          const world = newWorld(tested);
          for (const step of sequence) await take(world, step);
        }),
        { numRuns: 200 },
      );
    }, 60_000);

    test('puts in any order leave the newest of each memory', async () => {
      const puts = fc.array(fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), revision: fc.nat() })));
      await fc.assert(
        fc.asyncProperty(puts, async (batches) => {
          const namespace = freshNamespace();
          for (const batch of batches) {
            await tested.cache.put(batch.map(({ key, revision }) => memoryAt(namespace, key, revision)));
          }
          for (const key of ['a', 'b', 'c']) {
            const revisions = batches
              .flat()
              .filter((put) => put.key === key)
              .map((put) => put.revision);
            const [read] = await tested.cache.read(namespace, [key]);
            expect(read?.hit === true ? [read.state.revision] : []).toEqual(
              revisions.length === 0 ? [] : [Math.max(...revisions)],
            );
          }
        }),
        { numRuns: 50 },
      );
    }, 60_000);
  });
}

function newWorld(tested: CacheUnderTest): World {
  const readers = Array.from({ length: READERS }, (): Reader => ({ at: 'read' }));
  return { tested, namespace: freshNamespace(), source: 1, undelivered: [], delivered: 0, readers };
}

async function take(world: World, step: Step): Promise<void> {
  switch (step.step) {
    case 'change':
      world.source += 1;
      world.undelivered.push(world.source);
      return;
    case 'deliver': {
      const next = world.undelivered.shift();
      if (next === undefined) return;
      await world.tested.cache.put([memoryAt(world.namespace, 'k', next)]);
      world.delivered = next;
      return;
    }
    case 'deliver again':
      if (world.delivered > 0)
        await world.tested.cache.put([memoryAt(world.namespace, 'k', world.delivered)]);
      return;
    case 'evict':
      await world.tested.evict(world.namespace, 'k');
      return;
    case 'lose':
      await world.tested.lose?.(world.namespace, 'k');
      return;
    case 'advance':
      world.readers[step.reader] = await advance(world, world.readers[step.reader] ?? { at: 'read' });
  }
}

async function advance(world: World, reader: Reader): Promise<Reader> {
  const { cache } = world.tested;
  switch (reader.at) {
    case 'read': {
      const [read] = await cache.read(world.namespace, ['k']);
      if (read?.hit === true) expect(read.state.revision).toBeGreaterThanOrEqual(world.delivered);
      return read?.hit === false && read.lease !== null ? { at: 'look', lease: read.lease } : reader;
    }
    case 'look':
      return { at: 'fill', lease: reader.lease, seen: world.source };
    case 'fill':
      await cache.fill(world.namespace, 'k', reader.lease, memoryAt(world.namespace, 'k', reader.seen));
      return { at: 'read' };
  }
}
