import type { Ledger } from '@soma/ledger';
import { gauge, periodic, type Logger, type Periodic } from '@soma/service';
import type { Registry } from 'prom-client';

const INTERVAL_MS = 30_000;

/** Counts the dead letters of all groups, now and every half minute; each writer tells the same. */
export function measureDeadLetters({
  ledger,
  logger,
  registry,
  everyMs = INTERVAL_MS,
}: {
  ledger: Pick<Ledger, 'countDeadLetters'>;
  logger: Logger;
  registry: Registry;
  everyMs?: number;
}): Periodic {
  const letters = gauge(registry, {
    name: 'soma_dead_letters',
    help: 'Dead letters by status and code. All writers tell the same: take the largest, not the sum.',
    labelNames: ['status', 'code'],
  });
  const measure = async (): Promise<void> => {
    const counts = await ledger.countDeadLetters();
    letters.reset();
    for (const { status, code, count } of counts) letters.set({ status, code }, count);
  };
  return periodic({
    everyMs,
    work: measure,
    onFailure: (error) => {
      logger.debug({ err: error }, 'dead letters were not counted; will try again');
    },
  });
}
