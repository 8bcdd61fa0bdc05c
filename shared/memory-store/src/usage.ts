import type { MemoryState, Refusal } from '@soma/memory';
import type { Quota, Usage } from './quotas.js';

const NOTHING: Usage = { memories: 0, bytes: 0 };

/** What a state of a memory counts. A tombstone counts nothing. */
export function usageOf(state: MemoryState | undefined): Usage {
  if (state === undefined || state.deleted) return NOTHING;
  return {
    memories: 1,
    bytes: Buffer.byteLength(JSON.stringify(state.payload)) + Buffer.byteLength(state.text),
  };
}

/** What one batch adds to its namespaces, and what these may hold. */
export class BatchUsage {
  readonly #quotas: ReadonlyMap<string, Quota>;
  /** Before the batch; only of namespaces with a quota. */
  readonly #before: ReadonlyMap<string, Usage>;
  readonly #added = new Map<string, Usage>();

  constructor(quotas: ReadonlyMap<string, Quota>, before: ReadonlyMap<string, Usage>) {
    this.#quotas = quotas;
    this.#before = before;
  }

  /** Why a memory may not become `after`. What does not grow is always allowed. */
  refusalOf(before: MemoryState | undefined, after: MemoryState): Refusal | undefined {
    const quota = this.#quotas.get(after.namespace);
    if (quota === undefined) return undefined;
    const [was, is] = [usageOf(before), usageOf(after)];
    for (const what of ['memories', 'bytes'] as const) {
      const [most, more] = [quota[what], is[what] - was[what]];
      if (most === null || more <= 0 || this.#used(after.namespace)[what] + more <= most) continue;
      return { code: 'quota_exceeded', detail: `the namespace may hold ${most} ${what}` };
    }
    return undefined;
  }

  add(before: MemoryState | undefined, after: MemoryState): void {
    const [was, is] = [usageOf(before), usageOf(after)];
    const { memories, bytes } = this.#added.get(after.namespace) ?? NOTHING;
    this.#added.set(after.namespace, {
      memories: memories + is.memories - was.memories,
      bytes: bytes + is.bytes - was.bytes,
    });
  }

  /** By namespace, those that changed. */
  get added(): [namespace: string, added: Usage][] {
    return [...this.#added].filter(([, { memories, bytes }]) => memories !== 0 || bytes !== 0);
  }

  #used(namespace: string): Usage {
    const [before, added] = [this.#before.get(namespace) ?? NOTHING, this.#added.get(namespace) ?? NOTHING];
    return { memories: before.memories + added.memories, bytes: before.bytes + added.bytes };
  }
}
