import type { OpenDelivery, StopReason, Webhook, WebhookPlace } from './webhooks.js';

/** A webhook that this process tells, as long as it says so in time. */
export interface HeldWebhook extends Webhook {
  place: WebhookPlace;
  /** All that sign now, the newest first. */
  secrets: string[];
}

/** A delivery that is due. */
export interface DueDelivery extends OpenDelivery {
  key: string;
}

/** A change that is to be told. */
export type ChangeToTell = Pick<
  DueDelivery,
  'partition' | 'revision' | 'key' | 'coord' | 'version' | 'event' | 'operation_id' | 'at'
>;

/** One that has not arrived; null: it was not tried yet. */
export interface NewDelivery extends ChangeToTell {
  failed: Exclude<AttemptOutcome, { kind: 'arrived' | 'void' }> | null;
}

/** What came of an attempt: `failure` says in a word or two what went wrong, and holds nothing of the answer's body. */
export type AttemptOutcome =
  | { kind: 'arrived' }
  /** There is nothing to tell any more: it was erased, or replaced so often that it is no longer kept. */
  | { kind: 'void' }
  | { kind: 'failed'; failure: string; againInMs: number }
  | { kind: 'given_up'; failure: string };

export interface Attempted {
  delivery: DueDelivery;
  outcome: AttemptOutcome;
}

/**
 * What tells webhooks. What an implementation MUST do:
 *
 * - A webhook is held by one owner at a time, until `leaseMs` have passed without its claiming it again; whoever has lost
 *   it can take in nothing for it.
 * - Take in a page of changes and move the place in one step, so that a crash neither loses nor repeats any.
 * - Give only deliveries that are due and have no older one of the same memory before them that waits: what is told of
 *   a memory is told in its order.
 * - Errors: store_unavailable (retryable).
 */
export interface Deliveries {
  /** Those that the owner holds now: what it held and may go on holding, and up to `most` in all with what is free. */
  claim(claim: { owner: string; leaseMs: number; most: number }): Promise<HeldWebhook[]>;
  /** Others may hold what the owner did. */
  release(owner: string): Promise<void>;
  /** How many wait, counted up to `most`; when the first of them is due, epoch milliseconds. */
  waiting(webhookId: string, most: number): Promise<{ count: number; due_at: number | null; now: number }>;
  /**
   * Adds what is still to be told of a page of changes, and goes on from `place`. False, and nothing done, when the owner does
   * not hold the webhook any more.
   */
  take(taken: {
    owner: string;
    webhook_id: string;
    deliveries: NewDelivery[];
    /** How many of the page have arrived already. */
    arrived: number;
    place: WebhookPlace;
  }): Promise<boolean>;
  due(webhookId: string, limit: number): Promise<DueDelivery[]>;
  settle(webhookId: string, attempted: Attempted[]): Promise<void>;
  stop(webhookId: string, reason: StopReason): Promise<void>;
  /** Forgets what was given up before; says how many. */
  prune(before: number): Promise<number>;
}
