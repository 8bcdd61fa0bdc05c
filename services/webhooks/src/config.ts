import {
  integer,
  internalTokenSettings,
  list,
  postgresSettings,
  processSettings,
  queryUrlSettings,
  setting,
} from '@soma/service';
import { z } from 'zod';
import { AllowedAddresses } from './addresses.js';

export const webhookSettings = {
  SOMA_WEBHOOK_ALLOWED_NETWORKS: setting(
    list().default([]).refine(areNetworks, 'must list networks such as 10.0.0.0/8'),
    {
      doc: 'Networks that webhooks may call although they are not public (loopback, private, link-local …), and where http:// will do. Whoever may make webhooks can then reach what is there.',
      example: '10.20.0.0/16,127.0.0.1',
    },
  ),
  SOMA_WEBHOOK_TIMEOUT: setting(integer({ min: 1, max: 120 }).default(15), {
    doc: 'Seconds that a receiver may take to answer a message.',
    example: '15',
  }),
  SOMA_WEBHOOK_ATTEMPTS: setting(integer({ min: 1, max: 50 }).default(10), {
    doc: 'Attempts of a message before it is given up and kept for an admin: 10 take about 55 hours.',
    example: '10',
  }),
  SOMA_WEBHOOK_RETRY_MS: setting(integer({ min: 10, max: 3_600_000 }).default(5_000), {
    doc: 'Milliseconds before the second attempt of a message. Each wait is four times the one before, a day at most.',
    example: '5000',
  }),
  SOMA_WEBHOOK_CONCURRENCY: setting(integer({ min: 1, max: 10_000 }).default(256), {
    doc: 'Messages that this process has under way at one time, at most 50 of one webhook and 1 of one that fails; further ones wait.',
    example: '256',
  }),
  SOMA_WEBHOOK_MAX_HELD: setting(integer({ min: 1, max: 10_000 }).default(500), {
    doc: 'Webhooks that this process tells; further ones are for other processes.',
    example: '500',
  }),
};

export type WebhookSettings = z.output<z.ZodObject<typeof webhookSettings>>;

/** All settings of the process that tells webhooks. */
export const webhooksSettings = z.object({
  ...processSettings('webhooks'),
  ...postgresSettings,
  ...internalTokenSettings,
  ...queryUrlSettings,
  ...webhookSettings,
});

function areNetworks(networks: string[]): boolean {
  try {
    return new AllowedAddresses(networks) instanceof AllowedAddresses;
  } catch {
    return false;
  }
}
