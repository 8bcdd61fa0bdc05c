import type { OpenDelivery, Webhook } from '../webhooks.js';

/** Named as the fields of a Webhook. */
export const WEBHOOK = `webhook_id, webhooks.namespace, url, description, events, asked, filter, created_at, created_by,
  updated_at, stopped_because, delivered, last_delivered_at, failing_since, webhooks.last_failure`;

/** Named as the fields of a DueDelivery. */
export const DELIVERY = `partition, revision, key, coord, version, event, operation_id, at, attempts, last_failure,
  next_attempt_at, given_up_at`;

export type WebhookRow = Webhook;
export type DeliveryRow = OpenDelivery & { key: string };
