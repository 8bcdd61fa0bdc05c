import type { Ledger } from '@soma/ledger';
import type { Logger } from '@soma/service';

/** Longer than commands can be replayed: 7 days of retention and a segment. */
const KEEP_DAYS = 8;
const HOUR_MS = 3_600_000;

/** Keeps the daily partitions of operations ahead of time, now and every hour. */
export function maintainLedger({ ledger, logger }: { ledger: Ledger; logger: Logger }): {
  start(): void;
  stop(): void;
} {
  let timer: NodeJS.Timeout | undefined;
  const run = () => {
    ledger.maintain(KEEP_DAYS).catch((error: unknown) => {
      logger.warn({ err: error }, 'partitions of operations were not maintained; will try again in an hour');
    });
  };
  return {
    start: () => {
      run();
      timer = setInterval(run, HOUR_MS);
      timer.unref();
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}
