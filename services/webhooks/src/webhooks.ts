import { randomUUID } from 'node:crypto';
import type { Reads } from '@soma/reads';
import { HeldBytes, periodic, probe, type Logger, type Service } from '@soma/service';
import type { Deliveries } from '@soma/webhook-store';
import PQueue from 'p-queue';
import type { Registry } from 'prom-client';
import { AllowedAddresses } from './addresses.js';
import type { WebhookSettings } from './config.js';
import { Holder } from './holder.js';
import { createWebhookMetrics, measureSending } from './metrics.js';
import { Receivers } from './receiver.js';

export interface WebhooksDeps {
  deliveries: Deliveries;
  reads: Pick<Reads, 'changes' | 'past' | 'health'>;
  settings: WebhookSettings;
  logger: Logger;
  registry: Registry;
}

/** How often webhooks are looked for, milliseconds: a new one, or a changed one, is told within this time. */
const CLAIM_MS = 1_000;
const MOST_CHANGE_BYTES = 64 * 1024 * 1024;
const PRUNE_MS = 60 * 60 * 1000;
const KEPT_GIVEN_UP_MS = 30 * 24 * 60 * 60 * 1000;

/** Tells the receivers of webhooks what changes. Each is told by one process at a time. */
export function createWebhooks({ settings, registry, ...deps }: WebhooksDeps): Service {
  const receivers = new Receivers({
    addresses: new AllowedAddresses(settings.SOMA_WEBHOOK_ALLOWED_NETWORKS),
    timeoutMs: settings.SOMA_WEBHOOK_TIMEOUT * 1000,
  });
  const attempts = new PQueue({ concurrency: settings.SOMA_WEBHOOK_CONCURRENCY });
  const room = new HeldBytes(MOST_CHANGE_BYTES, 'too many changes are being taken in');
  const holder = new Holder(settings.SOMA_WEBHOOK_MAX_HELD, {
    ...deps,
    owner: randomUUID(),
    receivers,
    attempts,
    room,
    schedule: { attempts: settings.SOMA_WEBHOOK_ATTEMPTS, firstMs: settings.SOMA_WEBHOOK_RETRY_MS },
    metrics: createWebhookMetrics(registry),
  });
  measureSending(registry, {
    held: () => holder.size,
    inFlight: () => attempts.pending,
    waiting: () => attempts.size,
    bytes: () => room.bytes,
  });
  const warn = (err: unknown): void => {
    deps.logger.warn({ err }, 'webhooks cannot be looked for; will try again');
  };
  const claiming = periodic({ everyMs: CLAIM_MS, work: () => holder.claim(), onFailure: warn });
  const pruning = periodic({
    everyMs: PRUNE_MS,
    work: () => deps.deliveries.prune(Date.now() - KEPT_GIVEN_UP_MS),
    onFailure: warn,
  });
  return {
    name: 'webhooks',
    start: () => {
      void claiming.start();
      void pruning.start();
      return Promise.resolve();
    },
    stop: async () => {
      await Promise.all([claiming.stop(), pruning.stop()]);
      await holder.stop();
      receivers.close();
    },
    liveness: () => true,
    readiness: () =>
      probe({
        store: () => deps.deliveries.waiting(randomUUID(), 1),
        query: () => deps.reads.health(),
      }),
  };
}
