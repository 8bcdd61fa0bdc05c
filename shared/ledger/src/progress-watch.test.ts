import { afterEach, describe, expect, test } from '@jest/globals';
import type { GroupProgress } from './port.js';
import { ProgressWatch, type ProgressRequirement, type ProgressWatchOptions } from './progress-watch.js';

/** A ledger whose answers the test decides. Counts how often it is asked, and by how many at once. */
class StubProgress {
  polls = 0;
  mostAtOnce = 0;
  answer: () => Promise<GroupProgress[]> = () => Promise.resolve([]);
  #open = 0;

  async progress(): Promise<GroupProgress[]> {
    this.polls += 1;
    this.#open += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#open);
    try {
      return await this.answer();
    } finally {
      this.#open -= 1;
    }
  }

  writerAt(position: number, generation = 1): void {
    const row = {
      group: 'writer',
      topic: 'memory.commands',
      partition: 0,
      generation,
      position,
      command_position: -1,
    } as const;
    this.answer = () => Promise.resolve([row]);
  }
}

const beyond = (position: number): ProgressRequirement => ({
  group: 'writer',
  topic: 'memory.commands',
  of: 'position',
  generation: 1,
  positions: { 0: position },
});

const watches: ProgressWatch[] = [];
function watching(options: Partial<ProgressWatchOptions> = {}) {
  const ledger = new StubProgress();
  const watch = new ProgressWatch({ ledger, intervalMs: 1, ...options });
  watches.push(watch);
  return { ledger, watch };
}
afterEach(() => {
  for (const watch of watches.splice(0)) watch.close();
});

describe('ProgressWatch', () => {
  test('asks at once, and answers even with no time to wait', async () => {
    const { ledger, watch } = watching({ intervalMs: 60_000 });
    ledger.writerAt(7);
    expect(await watch.reached(beyond(7), 0)).toBe(true);
    expect(await watch.reached(beyond(8), 0)).toBe(false);
  });

  test('is true as soon as the group is there', async () => {
    const { ledger, watch } = watching();
    ledger.writerAt(6);
    const reached = watch.reached(beyond(7), 10_000);
    const later = watch.reached({ ...beyond(7), of: 'command_position' }, 5);
    ledger.writerAt(7);
    expect(await reached).toBe(true);
    expect(await later).toBe(false);
  });

  test('needs every partition', async () => {
    const { ledger, watch } = watching();
    ledger.writerAt(7);
    expect(await watch.reached({ ...beyond(7), positions: { 0: 7, 1: 0 } }, 5)).toBe(false);
    expect(await watch.reached({ ...beyond(7), positions: {} }, 5)).toBe(true);
  });

  test('a newer generation is beyond every position of an older one, an older one behind', async () => {
    const { ledger, watch } = watching();
    ledger.writerAt(0, 2);
    expect(await watch.reached(beyond(7), 5)).toBe(true);
    expect(await watch.reached({ ...beyond(0), generation: 3 }, 5)).toBe(false);
  });

  test('asks for all its waiters together, and for nobody not at all', async () => {
    const { ledger, watch } = watching({ intervalMs: 60_000 });
    ledger.writerAt(7);
    expect(ledger.polls).toBe(0);
    await Promise.all(Array.from({ length: 100 }, () => watch.reached(beyond(7), 0)));
    expect(ledger.mostAtOnce).toBe(1);
    const polls = ledger.polls;
    expect(polls).toBeLessThanOrEqual(2);
    await new Promise(setImmediate);
    expect(ledger.polls).toBe(polls);
  });

  test('an error of the ledger is "not yet"', async () => {
    const { ledger, watch } = watching();
    ledger.answer = () => {
      ledger.writerAt(7);
      return Promise.reject(new Error('gone'));
    };
    expect(await watch.reached(beyond(7), 10_000)).toBe(true);
  });

  test('an error that lasts is store_unavailable at the deadline', async () => {
    const { ledger, watch } = watching();
    ledger.answer = () => Promise.reject(new Error('gone'));
    await expect(watch.reached(beyond(7), 10)).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test('a ledger that never answers is store_unavailable too', async () => {
    const { ledger, watch } = watching();
    ledger.answer = () => new Promise(() => undefined);
    await expect(watch.reached(beyond(7), 10)).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  test('stops waiting when told', async () => {
    const { watch } = watching();
    const controller = new AbortController();
    const reached = watch.reached(beyond(7), 10_000, controller.signal);
    controller.abort();
    expect(await reached).toBe(false);
    expect(await watch.reached(beyond(7), 10_000, controller.signal)).toBe(false);
    const closed = watch.reached(beyond(7), 10_000);
    watch.close();
    expect(await closed).toBe(false);
  });

  test('refuses more waiters than it may hold', async () => {
    const { watch } = watching({ maxWaiters: 1 });
    const first = watch.reached(beyond(7), 20);
    await expect(watch.reached(beyond(7), 20)).rejects.toMatchObject({ code: 'overloaded' });
    expect(await first).toBe(false);
  });
});
