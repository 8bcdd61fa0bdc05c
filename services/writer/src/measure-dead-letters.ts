import type { Ledger } from '@soma/ledger';
import { gauge, type Logger } from '@soma/service';
import type { Registry } from 'prom-client';

const INTERVAL_MS = 30_000;

/** Counts the dead letters of all groups, now and every half minute; each writer tells the same. */
export function measureDeadLetters({
  ledger,
  logger,
  registry,
}: {
  ledger: Pick<Ledger, 'countDeadLetters'>;
  logger: Logger;
  registry: Registry;
}): { start(): void; stop(): void } {
  const letters = gauge(registry, {
    name: 'soma_dead_letters',
    help: 'Dead letters by status and code. All writers tell the same: take the largest, not the sum.',
    labelNames: ['status', 'code'],
  });
  let timer: NodeJS.Timeout | undefined;
  const measure = async (): Promise<void> => {
    const counts = await ledger.countDeadLetters();
    letters.reset();
    for (const { status, code, count } of counts) letters.set({ status, code }, count);
  };
  const run = () => {
    measure().catch((error: unknown) => {
      logger.debug({ err: error }, 'dead letters were not counted; will try again');
    });
  };
  return {
    start: () => {
      run();
      timer = setInterval(run, INTERVAL_MS);
      timer.unref();
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}
