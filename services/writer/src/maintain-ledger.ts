import type { Ledger } from '@soma/ledger';
import { periodic, type Logger, type Periodic } from '@soma/service';

/** Longer than commands can be replayed: 7 days of retention and a segment. */
const OPERATION_DAYS = 8;
const HOUR_MS = 3_600_000;

/** Keeps the daily partitions of operations ahead of time and lets old dead letters go, now and every hour. */
export function maintainLedger({
  ledger,
  logger,
  dead_letter_days,
}: {
  ledger: Pick<Ledger, 'maintain'>;
  logger: Logger;
  dead_letter_days: number;
}): Periodic {
  return periodic({
    everyMs: HOUR_MS,
    work: () => ledger.maintain({ operation_days: OPERATION_DAYS, dead_letter_days }),
    onFailure: (error) => {
      logger.warn({ err: error }, 'the ledger was not maintained; will try again in an hour');
    },
  });
}
