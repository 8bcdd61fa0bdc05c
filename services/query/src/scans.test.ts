import { expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { Scans } from './scans.js';

const nobody = {};

/** A scan that goes on until it is let go. */
function held(): { scan: () => Promise<string>; begun: () => boolean; end: () => void } {
  let resolve: (found: string) => void = () => undefined;
  const promise = new Promise<string>((found) => {
    resolve = found;
  });
  let begun = false;
  return {
    scan: () => {
      begun = true;
      return promise;
    },
    begun: () => begun,
    end: () => {
      resolve('found');
    },
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('four run at a time, the others wait for their turn and are counted', async () => {
  const registry = new Registry();
  const scans = new Scans(registry);
  const all = Array.from({ length: 6 }, held);
  const answers = all.map(({ scan }) => scans.run(nobody, scan));
  await turn();
  expect(all.filter(({ begun }) => begun())).toHaveLength(4);
  expect(await registry.metrics()).toContain('soma_query_scans_waiting 2');
  for (const { end } of all) end();
  expect(await Promise.all(answers)).toEqual(Array.from({ length: 6 }, () => 'found'));
  expect(await registry.metrics()).toContain('soma_query_scans_waiting 0');
});

test('whoever leaves while waiting is let go, and nothing is scanned for them', async () => {
  const scans = new Scans(new Registry());
  const running = Array.from({ length: 4 }, held);
  const answers = running.map(({ scan }) => scans.run(nobody, scan));
  const gone = new AbortController();
  const left = held();
  const leaving = scans.run(gone, left.scan);
  gone.abort(new Error('gone'));
  await expect(leaving).rejects.toThrow('gone');
  for (const { end } of running) end();
  await Promise.all(answers);
  await turn();
  expect(left.begun()).toBe(false);
});

test('past what may wait it is overloaded, and a failure makes room', async () => {
  const scans = new Scans(new Registry());
  const running = Array.from({ length: 4 }, held);
  const failing = () => Promise.reject(new Error('failed'));
  const answers = [
    ...running.map(({ scan }) => scans.run(nobody, scan)),
    ...Array.from({ length: 256 }, () => scans.run(nobody, failing)),
  ];
  await expect(scans.run(nobody, () => Promise.resolve())).rejects.toMatchObject({ code: 'overloaded' });
  for (const { end } of running) end();
  const ended = await Promise.allSettled(answers);
  expect(ended.filter(({ status }) => status === 'rejected')).toHaveLength(256);
  await expect(scans.run(nobody, () => Promise.resolve('free'))).resolves.toBe('free');
});
