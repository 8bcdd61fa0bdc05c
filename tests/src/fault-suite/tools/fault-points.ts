import { isMainThread } from 'node:worker_threads';
import { shiftClock } from './clock.js';
import { isFaultOrder, type FaultReport } from './fault-orders.js';
import { watchKafka } from './watch-kafka.js';
import { watchPostgres } from './watch-postgres.js';
import { Armed } from './armed.js';

/**
 * Loaded by `node --import` before a service's own module, so that the process can end or halt itself at a point
 * inside a batch without a line for it in the product: the drivers' prototypes are watched instead.
 */
if (isMainThread && process.send !== undefined) {
  const armed = new Armed((id) => report({ fault_report: 'hit', id }));
  watchPostgres(armed);
  watchKafka(armed);
  process.on('message', (message) => {
    if (!isFaultOrder(message)) return;
    if (message.fault_order === 'disarm') {
      armed.disarm(message.id);
      return;
    }
    if (message.fault_order === 'arm') armed.arm(message.id, message.order);
    else shiftClock(message.shiftMs);
    report({ fault_report: 'done', id: message.id });
  });
  // The process ends as it would without the channel.
  process.channel?.unref();
}

function report(message: FaultReport): void {
  process.send?.(message, () => undefined);
}
