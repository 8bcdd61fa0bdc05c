import { expect, test } from '@jest/globals';
import { eventually } from '@soma/testing';
import { periodic } from './periodic.js';

const unheard = (error: unknown): never => {
  throw error;
};

/** A round that lasts until the test ends it. */
function gate() {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => (open = resolve));
  return { open, passed };
}

/** While it waits, other work with as short an interval has several rounds. */
async function roundsOfAnother(): Promise<void> {
  let rounds = 0;
  const another = periodic({
    everyMs: 1,
    work: () => Promise.resolve((rounds += 1)),
    onFailure: unheard,
  });
  void another.start();
  await eventually(() => expect(rounds).toBeGreaterThan(3));
  await another.stop();
}

test('the first round is at once, and start waits for it', async () => {
  let rounds = 0;
  const hourly = periodic({
    everyMs: 3_600_000,
    work: async () => {
      await Promise.resolve();
      rounds += 1;
    },
    onFailure: unheard,
  });
  await hourly.start();
  expect(rounds).toBe(1);
  await hourly.stop();
});

test('a round that fails is told of, and the next one comes', async () => {
  let rounds = 0;
  const failures: unknown[] = [];
  const often = periodic({
    everyMs: 1,
    work: () => {
      rounds += 1;
      // Once by throwing, once by a rejection.
      if (rounds === 1) throw new Error('first');
      return rounds === 2 ? Promise.reject(new Error('second')) : Promise.resolve();
    },
    onFailure: (error) => failures.push(error),
  });
  await often.start();
  await eventually(() => expect(rounds).toBeGreaterThan(2));
  await often.stop();
  expect(failures).toEqual([new Error('first'), new Error('second')]);
});

test('a round that takes longer than the interval is never joined by another', async () => {
  const { open, passed } = gate();
  let begun = 0;
  const often = periodic({
    everyMs: 1,
    work: () => {
      begun += 1;
      return passed;
    },
    onFailure: unheard,
  });
  // Two starts are one.
  const started = Promise.all([often.start(), often.start()]);
  await roundsOfAnother();
  expect(begun).toBe(1);
  open();
  await started;
  await eventually(() => expect(begun).toBeGreaterThan(1));
  await often.stop();
});

test('stop aborts the round, waits for its end, and its failure is no news', async () => {
  const { open, passed } = gate();
  let ended = false;
  const failures: unknown[] = [];
  const hourly = periodic({
    everyMs: 3_600_000,
    work: async (signal) => {
      await new Promise((resolve) => {
        signal.addEventListener('abort', resolve);
      });
      await passed;
      ended = true;
      throw new Error('given up');
    },
    onFailure: (error) => failures.push(error),
  });
  const started = hourly.start();
  const stopped = hourly.stop().then(() => ended);
  open();
  expect(await stopped).toBe(true);
  await started;
  expect(failures).toEqual([]);
});

test('after a stop nothing is begun, before a start there is nothing to stop', async () => {
  let rounds = 0;
  const work = () => Promise.resolve((rounds += 1));
  const never = periodic({ everyMs: 1, work, onFailure: unheard });
  await never.stop();
  await never.start();
  expect(rounds).toBe(0);

  const once = periodic({ everyMs: 1, work, onFailure: unheard });
  await once.start();
  await once.stop();
  const soFar = rounds;
  await roundsOfAnother();
  expect(rounds).toBe(soFar);
});
