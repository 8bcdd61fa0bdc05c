import type { NamespaceQuota, Quota, Quotas } from '@soma/memory-store';

/** Quotas in memory of namespaces that hold nothing. */
export class FakeQuotas implements Quotas {
  readonly #quotas = new Map<string, NamespaceQuota>();

  async set(
    { namespace, memories, bytes, by }: Quota & { namespace: string; by: string },
    most: number,
  ): Promise<NamespaceQuota | undefined> {
    if (!this.#quotas.has(namespace) && this.#quotas.size >= most) return undefined;
    const quota = { ...unlimited(namespace), memories, bytes, changed_at: Date.now(), changed_by: by };
    this.#quotas.set(namespace, quota);
    return quota;
  }

  async get(namespace: string): Promise<NamespaceQuota> {
    return this.#quotas.get(namespace) ?? unlimited(namespace);
  }

  async remove(namespace: string): Promise<boolean> {
    return this.#quotas.delete(namespace);
  }

  async list({ after, limit }: { after: string | null; limit: number }): Promise<NamespaceQuota[]> {
    return [...this.#quotas.values()]
      .filter(({ namespace }) => after === null || namespace > after)
      .sort((a, b) => (a.namespace < b.namespace ? -1 : 1))
      .slice(0, limit);
  }

  async all(): Promise<ReadonlyMap<string, Quota>> {
    return this.#quotas;
  }
}

function unlimited(namespace: string): NamespaceQuota {
  const used = { memories: 0, bytes: 0 };
  return { namespace, memories: null, bytes: null, used, changed_at: null, changed_by: null };
}
