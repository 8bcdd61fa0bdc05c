import type { Filter, JsonObject } from '@soma/memory';
import type { ChangesRequest } from '@soma/reads';

export const WEBHOOK_EVENTS = ['memory.stored', 'memory.deleted'] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/**
 * Why a webhook is told nothing: an admin paused it; its receiver answered 410; everything failed for too long; or
 * what it had not taken in yet is no longer kept.
 */
export const STOP_REASONS = ['paused', 'gone', 'failing', 'cursor_expired'] as const;
export type StopReason = (typeof STOP_REASONS)[number];

/** Whom to tell what changes in a namespace. Times are epoch milliseconds. */
export interface Webhook {
  /** UUIDv7: in the order in which they were made. */
  webhook_id: string;
  namespace: string;
  url: string;
  description: string;
  events: WebhookEvent[];
  /** What narrows it, as it was asked for. */
  asked: JsonObject;
  /** The same, as memories are looked at. */
  filter: Filter;
  created_at: number;
  /** Subject of who made it. */
  created_by: string;
  updated_at: number;
  /** Null while it is told. */
  stopped_because: StopReason | null;
  /** Deliveries that arrived. */
  delivered: number;
  last_delivered_at: number | null;
  /** Since when nothing but failures; null when the last attempt arrived. */
  failing_since: number | null;
  last_failure: string | null;
}

/** With what is under way. */
export interface WebhookState extends Webhook {
  waiting: number;
  given_up: number;
}

export interface NewWebhook extends Pick<
  Webhook,
  'webhook_id' | 'namespace' | 'url' | 'description' | 'events' | 'asked' | 'filter'
> {
  secret: string;
  /** Of what changed at this time or later; null: from now on. */
  since: number | null;
  by: string;
}

export interface WebhookChange {
  url?: string;
  description?: string;
  events?: WebhookEvent[];
  /** True: nothing is told until it is false again, and then what changed meanwhile is. */
  paused?: boolean;
  /** Also skips what changed before this time and was not told yet. */
  from?: number;
}

/** Names a webhook, which is never seen from another namespace. */
export interface WebhookName {
  namespace: string;
  webhook_id: string;
}

export interface WebhookRotation extends WebhookName {
  secret: string;
  /** How long the secret that it replaces signs too, milliseconds. */
  overlap_ms: number;
}

/** A delivery that has not arrived. */
export interface OpenDelivery {
  /** Of the command that made the change, and of the message. */
  operation_id: string;
  event: WebhookEvent;
  coord: string;
  version: number;
  at: number;
  attempts: number;
  last_failure: string | null;
  /** Null: given up. */
  next_attempt_at: number | null;
  given_up_at: number | null;
  revision: number;
  partition: number;
}

export interface OpenDeliveriesPage extends WebhookName {
  state: 'waiting' | 'given_up';
  /** Behind the delivery of this revision and partition; null: from the oldest on. */
  after: { revision: number; partition: number } | null;
  limit: number;
}

/**
 * Webhooks, as admins see them. What an implementation MUST do:
 *
 * - A webhook that is made takes in every change that is committed after `create` resolves, and none from before `since`.
 * - Deleting one ends its deliveries.
 * - Errors: store_unavailable (retryable).
 */
export interface Webhooks {
  /** Undefined, and nothing made, when the namespace has `most`. */
  create(webhook: NewWebhook, most: number): Promise<Webhook | undefined>;
  get(name: WebhookName): Promise<WebhookState | undefined>;
  /** Oldest first. */
  list(page: { namespace: string; after: string | null; limit: number }): Promise<WebhookState[]>;
  /** One that had stopped goes on where it was unless the change pauses it. */
  change(name: WebhookName, change: WebhookChange): Promise<Webhook | undefined>;
  rotate(rotation: WebhookRotation): Promise<Webhook | undefined>;
  /** Says whether there was one. */
  remove(name: WebhookName): Promise<boolean>;
  deliveries(page: OpenDeliveriesPage): Promise<OpenDelivery[]>;
  /** Has deliveries that were given up tried again: all, or that of one operation. Says how many. */
  retry(name: WebhookName, operationId: string | null): Promise<number>;
}

/** Where a webhook begins: what was read of the feed, or a time. */
export type WebhookPlace = Exclude<ChangesRequest['from'], 'now'>;
