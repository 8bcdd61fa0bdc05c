import { setTimeout as sleep } from 'node:timers/promises';
import { isSomaError } from '@soma/memory';
import type { Change, Reads } from '@soma/reads';
import { retryUntilDone, type HeldBytes, type Logger } from '@soma/service';
import type { Attempted, Deliveries, HeldWebhook, WebhookPlace } from '@soma/webhook-store';
import type PQueue from 'p-queue';
import { attempt, type AttemptDeps } from './attempt.js';
import { changeToTell, tellChanges, type Told } from './tell-changes.js';

export interface FollowerDeps extends AttemptDeps {
  owner: string;
  reads: Pick<Reads, 'changes' | 'past'>;
  deliveries: Deliveries;
  /** Where attempts wait for their turn, those of all webhooks. */
  attempts: PQueue;
  /** Where the pages of changes find room. */
  room: HeldBytes;
  logger: Logger;
}

/** Changes taken in at one time. */
const PAGE = 50;
/** Deliveries that wait; with so many, no further change is taken in: the change feed keeps them. */
const MOST_WAITING = 1_000;
/** Deliveries attempted side by side, of one webhook. */
const AT_ONCE = 16;
/** How long one look for changes waits for them, milliseconds. */
const HOLD_MS = 15_000;
/** A receiver that took nothing for so long is told nothing more, milliseconds. */
const LONGEST_FAILING_MS = 5 * 24 * 60 * 60 * 1000;
const BACKOFF = { minMs: 200, maxMs: 10_000 };

/** Tells one webhook: takes in what changes in its namespace, and delivers it. */
export class Follower {
  readonly #deps: FollowerDeps;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  #webhook: HeldWebhook;
  #place: WebhookPlace;
  /** Nothing waits: what comes can be told at once. */
  #isQuiet = false;
  /** The last attempts were all in vain. */
  #isFailing = false;

  constructor(webhook: HeldWebhook, deps: FollowerDeps) {
    this.#deps = deps;
    this.#webhook = webhook;
    this.#place = webhook.place;
    this.#running = this.#run();
  }

  /** Does it go on, with what this one was begun with? What an admin changed begins with a new follower. */
  isOf({ updated_at }: HeldWebhook): boolean {
    return !this.#ending.signal.aborted && updated_at === this.#webhook.updated_at;
  }

  /** What deliveries changed about it, and secrets whose time is over. */
  refresh(webhook: HeldWebhook): void {
    this.#webhook = webhook;
  }

  /** Resolves when what is under way is answered and written down. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    const onFailure = (error: unknown): void => {
      signal.throwIfAborted();
      if (isSomaError(error) && error.code === 'cursor_expired') throw error;
      this.#deps.logger.warn({ err: error, webhook_id: this.#webhook.webhook_id }, 'a webhook waits');
    };
    try {
      for (;;) await retryUntilDone(() => this.#round(), { signal, backoff: BACKOFF, onFailure });
    } catch {
      if (!signal.aborted) await this.#stopBecause('cursor_expired').catch(() => this.#ending.abort());
    }
  }

  async #round(): Promise<void> {
    const { signal } = this.#ending;
    if (this.#isQuiet) return this.#takeIn(HOLD_MS);
    const { deliveries } = this.#deps;
    const { count, due_at, now } = await deliveries.waiting(this.#webhook.webhook_id, MOST_WAITING);
    this.#isQuiet = count === 0;
    const untilDue = due_at === null ? HOLD_MS : Math.min(HOLD_MS, Math.max(0, due_at - now));
    if (count < MOST_WAITING) await this.#takeIn(untilDue);
    else await sleep(untilDue, undefined, { signal });
    if (!signal.aborted) await this.#deliverDue();
  }

  async #takeIn(waitMs: number): Promise<void> {
    const { reads, deliveries, owner, room } = this.#deps;
    const { namespace, webhook_id, filter, events } = this.#webhook;
    const { signal } = this.#ending;
    const holding = room.open();
    try {
      const options = { after: null, waitMs, signal, hold: holding.add };
      const page = await reads.changes(namespace, { from: this.#place, filter, limit: PAGE }, options);
      const isNews = page.changes.length > 0 || !page.isLast || waitMs === HOLD_MS || 'since' in this.#place;
      if (!isNews || signal.aborted) return;
      const news = page.changes.filter((change) => events.includes(changeToTell(change).event));
      const { arrived, rest, isGone } = await this.#tell(news);
      const taken = { owner, webhook_id, deliveries: rest, arrived, place: page.next };
      if (!(await deliveries.take(taken))) {
        this.#ending.abort();
        return;
      }
      this.#place = page.next;
      if (rest.length > 0) this.#isQuiet = false;
      if (isGone) await this.#stopBecause('gone');
    } finally {
      holding.release();
    }
  }

  /** Behind what waits, and to a receiver that takes nothing, everything waits for its turn. */
  async #tell(news: readonly Change[]): Promise<Told> {
    if (this.#isQuiet) return tellChanges(news, this.#webhook, this.#deps.attempts, this.#deps);
    const rest = news.map((change) => ({ ...changeToTell(change), failed: null }));
    return { arrived: 0, rest, isGone: false };
  }

  async #deliverDue(): Promise<void> {
    const { deliveries } = this.#deps;
    const { webhook_id } = this.#webhook;
    while (!this.#ending.signal.aborted) {
      // One that takes nothing is asked by one message at a time, so that it takes no turns from others.
      const due = await deliveries.due(webhook_id, this.#isFailing ? 1 : AT_ONCE);
      if (due.length === 0) return;
      const webhook = this.#webhook;
      const tried = await Promise.allSettled(
        due.map(async (delivery) => ({
          delivery,
          ...(await this.#deps.attempts.add(() => attempt(delivery, webhook, this.#deps))),
        })),
      );
      const attempted = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      await deliveries.settle(webhook_id, attempted);
      this.#isFailing = !attempted.some(({ outcome }) => outcome.kind === 'arrived');
      if (attempted.some(({ isGone }) => isGone)) await this.#stopBecause('gone');
      else if (this.#failsForGood(attempted)) await this.#stopBecause('failing');
      const failed = tried.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
  }

  #failsForGood(attempted: readonly Attempted[]): boolean {
    const { failing_since } = this.#webhook;
    if (failing_since === null || Date.now() - failing_since < LONGEST_FAILING_MS) return false;
    return !attempted.some(({ outcome }) => outcome.kind === 'arrived');
  }

  async #stopBecause(reason: 'gone' | 'failing' | 'cursor_expired'): Promise<void> {
    const { webhook_id } = this.#webhook;
    this.#deps.logger.warn(
      { webhook_id, reason },
      'a webhook is told nothing more until an admin changes it',
    );
    await this.#deps.deliveries.stop(webhook_id, reason);
    this.#ending.abort();
  }
}
