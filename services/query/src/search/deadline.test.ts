import { expect, test } from '@jest/globals';
import { Deadline } from './deadline.js';

const forEver = () => new Promise<never>(() => undefined);
const LONG = 60_000;

test('brings what comes in time', async () => {
  await expect(new Deadline(LONG, undefined).within(LONG, () => Promise.resolve(7))).resolves.toBe(7);
});

test('work gets its own time, and is told when that is over', async () => {
  let told: AbortSignal | undefined;
  const late = new Deadline(LONG, undefined).within(1, (signal) => {
    told = signal;
    return forEver();
  });
  await expect(late).rejects.toMatchObject({ code: 'deadline_exceeded' });
  expect(told?.aborted).toBe(true);
});

test('no work gets more than what is left of the whole', async () => {
  await expect(new Deadline(1, undefined).within(LONG, forEver)).rejects.toMatchObject({
    code: 'deadline_exceeded',
  });
});

test('once the caller is gone, work is told, and nothing more begins', async () => {
  const caller = new AbortController();
  const deadline = new Deadline(LONG, caller.signal);
  let told: AbortSignal | undefined;
  const work = deadline.within(LONG, (signal) => {
    told = signal;
    return forEver();
  });
  caller.abort();
  await expect(work).rejects.toMatchObject({ code: 'request_timeout', retryable: false });
  expect(told?.aborted).toBe(true);
  let began = false;
  const next = deadline.within(LONG, () => {
    began = true;
    return forEver();
  });
  await expect(next).rejects.toMatchObject({ code: 'request_timeout' });
  expect(began).toBe(false);
});

test('an error of the work comes as it is', async () => {
  const failing = new Deadline(LONG, undefined).within(LONG, () => Promise.reject(new Error('broken')));
  await expect(failing).rejects.toThrow('broken');
});
