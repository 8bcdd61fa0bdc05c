import { until } from '@soma/tests/system';
import type { ApiClient } from './api-client.js';
import { memoryBody } from './memories.js';

const BATCH = 500;

export function coordOf(number: number): string {
  return `fill-${number}`;
}

/** Writes the memories of these numbers in batches, each waited for until searches find it. */
export async function fill(api: ApiClient, { from, to }: { from: number; to: number }): Promise<void> {
  for (let first = from; first < to; first += BATCH) {
    const operations = Array.from({ length: Math.min(BATCH, to - first) }, (_, offset) => ({
      op: 'put',
      ...(JSON.parse(memoryBody(coordOf(first + offset), first + offset)) as object),
    }));
    await api.call('POST', '/memories/batch?until=indexed', { operations }, { Prefer: 'wait=30' });
  }
}

/** Waits until so many are stored and indexed, so that no phase pays for the one before. */
export async function untilIndexed(api: ApiClient, count: number): Promise<void> {
  await until('everything to be indexed', 120_000, async () => {
    const { body } = await api.call<{ memories: number; indexed: number }>('GET', '/stats');
    return body.memories >= count && body.indexed >= count;
  });
}
