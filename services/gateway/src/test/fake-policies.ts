import { NO_COUNTS, type KeptPolicy, type RetentionPolicies, type RetentionPolicy } from '@soma/memory-store';

/** Retention policies in memory that nobody enforces. */
export class FakePolicies implements Pick<RetentionPolicies, 'list' | 'get' | 'set' | 'remove'> {
  readonly all = new Map<string, KeptPolicy>();

  list({ after, limit }: { after: string | null; limit: number }): Promise<KeptPolicy[]> {
    const sorted = [...this.all.values()].sort((a, b) => (a.namespace < b.namespace ? -1 : 1));
    return Promise.resolve(sorted.filter(({ namespace }) => namespace > (after ?? '')).slice(0, limit));
  }

  get(namespace: string): Promise<KeptPolicy | undefined> {
    return Promise.resolve(this.all.get(namespace));
  }

  set(namespace: string, policy: RetentionPolicy, by: string): Promise<KeptPolicy> {
    const now = Date.now();
    const times = { updated_at: now, updated_by: by, due_at: now };
    const kept = { namespace, policy, ...times, last_run: null, deleted: { ...NO_COUNTS } };
    this.all.set(namespace, kept);
    return Promise.resolve(kept);
  }

  remove(namespace: string): Promise<boolean> {
    return Promise.resolve(this.all.delete(namespace));
  }
}
