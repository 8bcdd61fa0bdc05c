import { describe, expect, test } from '@jest/globals';
import type { Fault } from '../fault.js';
import { seededRandom } from '../random.js';
import { choose, plan } from './plan.js';

function fault(name: string, more: Partial<Fault> = {}): Fault {
  return {
    name,
    title: name,
    profiles: ['cluster'],
    arena: 'shared',
    run: () => Promise.resolve(),
    ...more,
  };
}

const DRAWN = { faults: null, all: false, count: 4, durationMs: null };
const SOME = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => fault(name));
const APART = ['x', 'y', 'z'].map((name) => fault(name, { arena: 'own' }));
const namesOf = (faults: readonly Fault[]) => faults.map(({ name }) => name);

describe('choosing', () => {
  test('the same seed draws the same faults, another one others', () => {
    const draw = (seed: number) => namesOf(choose(SOME, DRAWN, seededRandom(seed)));
    expect(draw(1)).toEqual(draw(1));
    expect(new Set([1, 2, 3, 4, 5].map((seed) => draw(seed).join())).size).toBeGreaterThan(1);
  });

  test('of drawn faults at most one wants an arena of its own, and by and by each comes', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 200; seed += 1) {
      const names = namesOf(choose([...SOME, ...APART], DRAWN, seededRandom(seed)));
      expect(names).toHaveLength(4);
      expect(names.filter((name) => 'xyz'.includes(name)).length).toBeLessThanOrEqual(1);
      for (const name of names) seen.add(name);
    }
    expect([...seen].sort()).toEqual(namesOf([...SOME, ...APART]));
  });

  test('all are all, and names are taken as they are', () => {
    const all = { ...DRAWN, all: true };
    expect(namesOf(choose(SOME, all, seededRandom(1))).sort()).toEqual(namesOf(SOME));
    expect(namesOf(choose(SOME, { ...DRAWN, faults: ['c', 'a'] }, seededRandom(1)))).toEqual(['c', 'a']);
    expect(choose(SOME, { ...DRAWN, faults: ['left-out'] }, seededRandom(1))).toEqual([]);
  });
});

describe('planning', () => {
  test('faults with equal needs share an arena; one of its own gets its settings', () => {
    const qdrant = [fault('q1', { needs: ['qdrant'] }), fault('q2', { needs: ['qdrant'] })];
    const own = fault('own', { arena: 'own', env: { SOMA_X: '1' } });
    const plans = plan([...SOME.slice(0, 2), own, ...qdrant], seededRandom(1));
    expect(plans.map(({ rounds }) => rounds.map(namesOf))).toEqual([
      [['a'], ['b']],
      [['q1'], ['q2']],
      [['own']],
    ]);
    expect(plans.map(({ needs, env }) => ({ needs, env }))).toEqual([
      { needs: [], env: {} },
      { needs: ['qdrant'], env: {} },
      { needs: [], env: { SOMA_X: '1' } },
    ]);
  });

  test('two run at once only when both allow it, and never three', () => {
    const mixed = SOME.map((one, index) => (index < 4 ? { ...one, overlaps: true } : one));
    let pairs = 0;
    for (let seed = 0; seed < 100; seed += 1) {
      for (const round of plan(mixed, seededRandom(seed)).flatMap(({ rounds }) => rounds)) {
        expect(round.length).toBeLessThanOrEqual(2);
        if (round.length === 1) continue;
        pairs += 1;
        expect(round.every(({ overlaps }) => overlaps)).toBe(true);
      }
    }
    expect(pairs).toBeGreaterThan(0);
  });
});
