import { expect, test } from '@jest/globals';
import { probe } from './probe.js';

const never = () => new Promise(() => undefined);

test('each dependency has its own answer; one that fails or hangs takes no other with it', async () => {
  const states = await probe(
    {
      up: () => Promise.resolve(),
      saysNo: () => false,
      throws: () => {
        throw new Error('down');
      },
      rejects: () => Promise.reject(new Error('down')),
      hangs: never,
    },
    20,
  );
  expect(states).toEqual({ up: true, saysNo: false, throws: false, rejects: false, hangs: false });
});

test('checks run side by side', async () => {
  let waiting: (() => void) | undefined;
  const states = await probe(
    {
      first: () => new Promise<void>((resolve) => (waiting = resolve)),
      second: () => {
        waiting?.();
      },
    },
    1_000,
  );
  expect(states).toEqual({ first: true, second: true });
});
