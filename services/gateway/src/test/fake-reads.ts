import { matches, SomaError, type Memory } from '@soma/memory';
import {
  answerBytes,
  type GraphAnswer,
  type NeighborsRequest,
  type PathRequest,
  type ReadOptions,
  type Reads,
  type SearchAnswer,
  type SearchRequest,
  type Totals,
} from '@soma/reads';
import type { FakeWorkers } from './fake-workers.js';

/** Reads of what the fake workers hold. */
export class FakeReads implements Reads {
  /** Set, every read is refused with it. */
  failure: SomaError | undefined;
  /** While true reads never answer. */
  hanging = false;
  /** Waited for once an answer is held and before it is given. */
  gate: Promise<void> = Promise.resolve();
  readonly asked: { request: unknown; options: ReadOptions }[] = [];
  readonly #workers: FakeWorkers;

  constructor(workers: FakeWorkers) {
    this.#workers = workers;
  }

  async get(namespace: string, keys: string[], options: ReadOptions): Promise<(Memory | null)[]> {
    await this.#begin(keys, options);
    const found = keys.map((key) => this.#workers.live(namespace, key) ?? null);
    options.hold?.(answerBytes(found));
    await this.gate;
    return found;
  }

  async search(namespace: string, request: SearchRequest, options: ReadOptions): Promise<SearchAnswer> {
    await this.#begin(request, options);
    const hits = this.#all(namespace)
      .filter((memory) => memory.text.includes(request.query) && matches(request.filter, memory))
      .map((memory) => ({ memory, score: 1, similarity: null, context: null, explain: null }));
    return {
      hits: hits.slice(request.offset, request.offset + request.top_k),
      degraded: false,
      degraded_reasons: [],
      took_ms: 1,
    };
  }

  async neighbors(namespace: string, request: NeighborsRequest, options: ReadOptions): Promise<GraphAnswer> {
    await this.#begin(request, options);
    const { key, user_id } = request;
    const seen = (end: string): Memory | undefined => {
      const memory = this.#workers.live(namespace, end);
      return user_id === null || memory?.user_id === user_id ? memory : undefined;
    };
    const links = [...this.#workers.links.values()].filter(
      ({ from_key, to_key }) => from_key === key && seen(key) !== undefined && seen(to_key) !== undefined,
    );
    const memories = [key, ...links.map((link) => link.to_key)].flatMap((end) => seen(end) ?? []);
    return {
      links,
      nodes: memories.map((memory) => ({ memory, depth: memory.key === request.key ? 0 : 1 })),
    };
  }

  async path(
    namespace: string,
    request: PathRequest,
    options: ReadOptions,
  ): Promise<GraphAnswer & { cost: number }> {
    const found = await this.neighbors(
      namespace,
      { ...request, key: request.from_key, direction: 'out', depth: 1, limit: 10 },
      options,
    );
    const links = found.links.filter((link) => link.to_key === request.to_key);
    const [link] = links;
    if (link === undefined) throw new SomaError('no_path', 'there is none');
    return { ...found, links, cost: 1 / link.weight };
  }

  totals(): Promise<Totals> {
    const memories = this.#workers.states.size;
    return Promise.resolve({
      memories,
      by_type: { episodic: memories, semantic: 0 },
      namespaces: 1,
      links: 0,
      indexed: 0,
    });
  }

  health(): Promise<Record<string, boolean>> {
    return Promise.resolve({ index: true, cache: true });
  }

  async #begin(request: unknown, options: ReadOptions): Promise<void> {
    this.asked.push({ request, options });
    if (this.hanging) await new Promise(() => undefined);
    if (this.failure !== undefined) throw this.failure;
  }

  #all(namespace: string): Memory[] {
    return [...this.#workers.states.values()].filter(
      (state) => !state.deleted && state.namespace === namespace,
    ) as Memory[];
  }
}
