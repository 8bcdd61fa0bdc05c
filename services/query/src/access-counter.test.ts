import { expect, test } from '@jest/globals';
import { SomaError } from '@soma/memory';
import type { AccessCount } from '@soma/memory-store';
import { createLogger } from '@soma/service';
import { Registry } from 'prom-client';
import { AccessCounter } from './access-counter.js';

function open({ failing = false, capacity = 10 } = {}) {
  const added: AccessCount[][] = [];
  const registry = new Registry();
  const counter = new AccessCounter({
    accesses: {
      add: (counts) => {
        if (failing) return Promise.reject(new SomaError('store_unavailable', 'no answer'));
        added.push([...counts]);
        return Promise.resolve();
      },
    },
    clock: { now: () => 7 },
    logger: createLogger({ service: 'test', level: 'silent', format: 'json' }),
    registry,
    capacity,
  });
  return { counter, added, lost: () => registry.getSingleMetricAsString('soma_query_accesses_lost_total') };
}

test('counts each memory of each namespace, and writes all down at once', async () => {
  const { counter, added } = open();
  counter.note('team', ['a', 'b']);
  counter.note('team', ['a']);
  counter.note('other', ['a']);
  await counter.stop();
  expect(added).toEqual([
    [
      { namespace: 'team', key: 'a', accesses: 2, accessed_at: 7 },
      { namespace: 'team', key: 'b', accesses: 1, accessed_at: 7 },
      { namespace: 'other', key: 'a', accesses: 1, accessed_at: 7 },
    ],
  ]);
});

test('holds no more memories than it may, and says what it lost', async () => {
  const { counter, added, lost } = open({ capacity: 1 });
  counter.note('team', ['a', 'b', 'a']);
  await counter.stop();
  expect(added).toEqual([[{ namespace: 'team', key: 'a', accesses: 2, accessed_at: 7 }]]);
  expect(await lost()).toMatch(/lost_total 1$/m);
});

test('loses what the store does not take, and is stopped all the same', async () => {
  const { counter, lost } = open({ failing: true });
  counter.note('team', ['a', 'a']);
  await counter.stop();
  expect(await lost()).toMatch(/lost_total 2$/m);
});
