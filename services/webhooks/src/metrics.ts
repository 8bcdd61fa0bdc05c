import { counter, DURATION_BUCKETS, histogram, measured } from '@soma/service';
import type { AttemptOutcome } from '@soma/webhook-store';
import type { Registry } from 'prom-client';

export interface WebhookMetrics {
  attempted(outcome: AttemptOutcome['kind']): void;
  timed<T>(work: () => Promise<T>): Promise<T>;
}

export function createWebhookMetrics(registry: Registry): WebhookMetrics {
  const attempts = counter(registry, {
    name: 'soma_webhook_attempts_total',
    help: 'Messages sent to receivers, by what came of them: arrived, failed (tried again), given_up.',
    labelNames: ['outcome'],
  });
  const seconds = histogram(registry, {
    name: 'soma_webhook_attempt_seconds',
    help: 'From the lookup of a receiver to the status of its answer.',
    buckets: DURATION_BUCKETS,
  });
  return {
    attempted: (outcome) => {
      attempts.inc({ outcome });
    },
    timed: async (work) => {
      const end = seconds.startTimer();
      try {
        return await work();
      } finally {
        end();
      }
    },
  };
}

/** The bounds of what a process does at one time. */
export function measureSending(
  registry: Registry,
  { held, inFlight, waiting, bytes }: Record<'held' | 'inFlight' | 'waiting' | 'bytes', () => number>,
): void {
  measured(registry, { name: 'soma_webhooks_held', help: 'Webhooks that this process tells.' }, held);
  measured(
    registry,
    { name: 'soma_webhook_attempts_in_flight', help: 'Messages under way to receivers.' },
    inFlight,
  );
  measured(
    registry,
    { name: 'soma_webhook_attempts_waiting', help: 'Messages that wait for others to be answered.' },
    waiting,
  );
  measured(
    registry,
    { name: 'soma_webhook_change_bytes', help: 'Bytes of the changes that are being taken in.' },
    bytes,
  );
}
