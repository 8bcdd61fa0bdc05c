import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Operation } from '@soma/memory';
import type { Outcomes } from '../port.js';
import { freshNamespace, operationOf } from './states.js';
import { until } from './until.js';

/** What the Outcomes port demands of every adapter. */
export function describeOutcomes(name: string, create: () => Promise<Outcomes>): void {
  describe(`${name} as outcomes`, () => {
    let outcomes: Outcomes;
    let subscriber: string;
    beforeEach(async () => {
      outcomes = await create();
      subscriber = freshNamespace();
    });
    afterEach(() => outcomes.close());

    test('brings operations to the named subscriber, whole, and to no other', async () => {
      const [mine, others]: [Operation[], Operation[]] = [[], []];
      await outcomes.subscribe(subscriber, (operations) => mine.push(...operations));
      await outcomes.subscribe(`${subscriber}-other`, (operations) => others.push(...operations));
      await outcomes.publish(subscriber, [operationOf('1'), operationOf('2')]);
      await outcomes.publish(subscriber, [operationOf('3')]);
      await outcomes.publish(`${subscriber}-other`, [operationOf('4')]);
      await until(() => mine.length === 3 && others.length === 1);
      // Publications may overtake one another: waiters look at operations, not at their order.
      mine.sort((a, b) => Number(a.operation_id) - Number(b.operation_id));
      expect(mine).toEqual([operationOf('1'), operationOf('2'), operationOf('3')]);
      expect(others).toEqual([operationOf('4')]);
    });

    test('ignores names that nobody has, and empty news', async () => {
      const heard: number[] = [];
      await outcomes.subscribe(subscriber, (operations) => heard.push(operations.length));
      await outcomes.publish(`${subscriber}-nobody`, [operationOf('1')]);
      await outcomes.publish('', [operationOf('1')]);
      await outcomes.publish('x'.repeat(10_000), [operationOf('1')]);
      await outcomes.publish(subscriber, []);
      await outcomes.publish(subscriber, [operationOf('2')]);
      await until(() => heard.length > 0);
      expect(heard).toEqual([1]);
    });

    test('a listener that throws costs neither the publisher nor the next news', async () => {
      const heard: string[] = [];
      await outcomes.subscribe(subscriber, ([operation]) => {
        heard.push(String(operation?.operation_id));
        if (heard.length === 1) throw new Error('a bug in the listener');
      });
      await outcomes.publish(subscriber, [operationOf('1')]);
      await outcomes.publish(subscriber, [operationOf('2')]);
      await until(() => heard.length === 2);
    });

    test('a closed subscription hears nothing more', async () => {
      const [before, after]: [string[], string[]] = [[], []];
      const first = await outcomes.subscribe(subscriber, () => before.push('heard'));
      await first.close();
      await outcomes.subscribe(subscriber, () => after.push('heard'));
      await outcomes.publish(subscriber, [operationOf('1')]);
      await until(() => after.length === 1);
      expect(before).toEqual([]);
    });

    test('a flood never fails the publisher', async () => {
      await outcomes.subscribe(subscriber, () => undefined);
      const batch = Array.from({ length: 100 }, (_, index) => operationOf(String(index)));
      await Promise.all(Array.from({ length: 2_000 }, () => outcomes.publish(subscriber, batch)));
    });
  });
}
