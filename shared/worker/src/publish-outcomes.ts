import type { Outcomes } from '@soma/cache';
import type { Operation } from '@soma/memory';
import type { WorkerBatch } from './handler.js';

/** Tells each waiting gateway what became of the commands it sent, by the reply-to header of their records. */
export async function publishOutcomes<T>(
  batch: WorkerBatch<T>,
  applied: { position: number; operation: Operation }[],
  outcomes: Outcomes,
): Promise<void> {
  const replyTo = new Map(batch.records.map(({ record }) => [record.position, record.headers['reply-to']]));
  const byWaiter = new Map<string, Operation[]>();
  for (const { position, operation } of applied) {
    const waiter = replyTo.get(position);
    if (waiter === undefined) continue;
    const operations = byWaiter.get(waiter) ?? [];
    operations.push(operation);
    byWaiter.set(waiter, operations);
  }
  await Promise.all([...byWaiter].map(([waiter, operations]) => outcomes.publish(waiter, operations)));
}
