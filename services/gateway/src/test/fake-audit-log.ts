import type { Act, ActOutcome, ActQuery, AuditLog, NewAct } from '@soma/access';
import { SomaError } from '@soma/memory';

/** Acts in memory. */
export class FakeAuditLog implements AuditLog {
  /** While true nothing is answered. */
  down = false;
  acts: Act[] = [];
  #last = 0;

  async begin(act: NewAct): Promise<number> {
    this.#answer();
    this.#last += 1;
    this.acts.push({ id: this.#last, ...act, at: Date.now(), status: null, code: null, finished_at: null });
    return this.#last;
  }

  async end(id: number, { status, code, target }: ActOutcome): Promise<void> {
    this.#answer();
    const act = this.acts.find((one) => one.id === id);
    if (act !== undefined)
      Object.assign(act, { status, code, target: target ?? act.target, finished_at: Date.now() });
  }

  async list({ subject, action, since, before, limit }: ActQuery): Promise<Act[]> {
    this.#answer();
    return this.acts
      .filter(
        (act) =>
          (subject === null || act.subject === subject) &&
          (action === null || act.action === action) &&
          (since === null || act.at >= since) &&
          (before === null || act.id < before),
      )
      .toReversed()
      .slice(0, limit);
  }

  async removeBefore(time: number): Promise<number> {
    const kept = this.acts.filter(({ at }) => at >= time);
    const removed = this.acts.length - kept.length;
    this.acts = kept;
    return removed;
  }

  #answer(): void {
    if (this.down) throw new SomaError('store_unavailable', 'no answer');
  }
}
