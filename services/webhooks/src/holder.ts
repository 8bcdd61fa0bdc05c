import { Follower, type FollowerDeps } from './follower.js';

/** How long a process that says nothing more keeps its webhooks from others, milliseconds. */
const LEASE_MS = 15_000;

/** The webhooks that this process tells. */
export class Holder {
  readonly #most: number;
  readonly #deps: FollowerDeps;
  readonly #followers = new Map<string, Follower>();
  readonly #ending = new Map<string, Promise<void>>();
  #claimedAt = performance.now();

  constructor(most: number, deps: FollowerDeps) {
    this.#most = most;
    this.#deps = deps;
  }

  get size(): number {
    return this.#followers.size;
  }

  /** To be called well within the lease: says that this process goes on, and takes what is free. */
  async claim(): Promise<void> {
    const { deliveries, owner } = this.#deps;
    const began = performance.now();
    // Others may have held them since, and come further.
    if (began - this.#claimedAt > LEASE_MS) this.#end([...this.#followers.keys()]);
    const held = await deliveries.claim({ owner, leaseMs: LEASE_MS, most: this.#most });
    this.#claimedAt = began;
    const known = new Map(held.map((webhook) => [webhook.webhook_id, webhook]));
    for (const [id, follower] of this.#followers) {
      const webhook = known.get(id);
      // One that ends is begun anew by a later claim, which reads how far it came.
      if (webhook === undefined || !follower.isOf(webhook)) this.#end([id]);
      else follower.refresh(webhook);
      known.delete(id);
    }
    for (const [id, webhook] of known) this.#followers.set(id, new Follower(webhook, this.#deps));
  }

  async stop(): Promise<void> {
    this.#end([...this.#followers.keys()]);
    await Promise.all(this.#ending.values());
    await this.#deps.deliveries.release(this.#deps.owner);
  }

  /** Without waiting: a receiver that takes its time must not cost the lease of the others. */
  #end(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#ending.has(id)) continue;
      const ended = this.#followers
        .get(id)
        ?.stop()
        .then(() => {
          this.#followers.delete(id);
          this.#ending.delete(id);
        });
      if (ended !== undefined) this.#ending.set(id, ended);
    }
  }
}
