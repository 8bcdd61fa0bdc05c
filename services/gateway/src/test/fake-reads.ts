import { coordinateNumbers, matches, SomaError, type Memory } from '@soma/memory';
import {
  answerBytes,
  type ChangesAnswer,
  type ChangesRequest,
  type CountRequest,
  type GraphAnswer,
  type HistoryAnswer,
  type HistoryReader,
  type HistoryRequest,
  type ListAnswer,
  type ListRequest,
  type NamespacesRequest,
  type NeighborsRequest,
  type PastRequest,
  type PathRequest,
  type RangeAnswer,
  type RangeRequest,
  type ReadOptions,
  type Reads,
  type SearchAnswer,
  type SearchRequest,
  type Totals,
} from '@soma/reads';
import type { FakeWorkers } from './fake-workers.js';

const OPERATION = '018f0000-0000-7000-8000-000000000009';

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

  async list(namespace: string, request: ListRequest, options: ReadOptions): Promise<ListAnswer> {
    await this.#begin(request, options);
    const { after, limit } = request;
    const all = this.#all(namespace)
      .filter((memory) => matches(request.filter, memory) && (after === null || memory.key > after.key))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const memories = all.slice(0, limit);
    const last = memories.length < all.length ? memories.at(-1) : undefined;
    return { memories, next: last === undefined ? null : { key: last.key, place: null, cut: [] } };
  }

  async count(namespace: string, request: CountRequest, options: ReadOptions): Promise<number> {
    await this.#begin(request, options);
    return this.#all(namespace).filter((memory) => matches(request.filter, memory)).length;
  }

  async range(namespace: string, request: RangeRequest, options: ReadOptions): Promise<RangeAnswer> {
    await this.#begin(request, options);
    const { min, max, after, limit } = request;
    const memories = this.#all(namespace).filter((memory) => {
      const { key } = memory;
      const point = coordinateNumbers(key) ?? [];
      const isInside = (value: number, at: number) => value >= Number(min[at]) && value <= Number(max[at]);
      const isBehind = point.length === min.length && point.every(isInside) && key > (after ?? '');
      return isBehind && matches(request.filter, memory);
    });
    const page = memories.slice(0, limit);
    return { memories: page, next: page.length < memories.length ? (page.at(-1)?.key ?? null) : null };
  }

  /** Only the newest version is known. */
  async history(namespace: string, request: HistoryRequest, options: ReadOptions): Promise<HistoryAnswer> {
    await this.#begin(request, options);
    const state = this.#live(namespace, request);
    if (state === undefined) throw new SomaError('memory_not_found', 'there is none');
    return {
      versions: [{ state, operation_id: OPERATION, issuer: 'api-token' }],
      next: request.before === null ? state.version : null,
    };
  }

  async past(namespace: string, request: PastRequest, options: ReadOptions): Promise<Memory> {
    await this.#begin(request, options);
    const memory = this.#live(namespace, request);
    if (memory === undefined) throw new SomaError('memory_not_found', 'there is none');
    const { moment } = request;
    if ('version' in moment ? moment.version === memory.version : moment.as_of >= memory.updated_at)
      return memory;
    throw new SomaError('history_expired', 'it is no longer kept');
  }

  /** The memories that are there, from any place; then whoever follows waits in vain. */
  async changes(namespace: string, request: ChangesRequest, options: ReadOptions): Promise<ChangesAnswer> {
    await this.#begin(request, options);
    const { from, filter, limit } = request;
    const seen = typeof from === 'object' && 'revisions' in from ? (from.revisions[0] ?? 0) : 0;
    const behind = this.#all(namespace)
      .filter((memory) => memory.revision > seen && matches(filter, memory))
      .sort((a, b) => a.revision - b.revision);
    const place = (revision: number) => ({ revisions: { 0: revision }, at: 0 });
    const changes = behind.slice(0, limit).map((state) => ({
      state,
      operation_id: OPERATION,
      partition: 0,
      at: state.updated_at,
      place: place(state.revision),
    }));
    const next = changes.at(-1)?.place ?? place(seen);
    return { changes, next, isLast: behind.length <= limit };
  }

  namespaces({ always, after, limit }: NamespacesRequest): Promise<string[]> {
    const held = [...this.#workers.states.values()].map(({ namespace }) => namespace);
    const all = [...new Set([...always, ...held])].sort();
    return Promise.resolve(all.filter((name) => after === null || name > after).slice(0, limit));
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

  #live(namespace: string, { key, user_id }: HistoryReader): Memory | undefined {
    const memory = this.#workers.live(namespace, key);
    return user_id === null || memory?.user_id === user_id ? memory : undefined;
  }

  #all(namespace: string): Memory[] {
    return [...this.#workers.states.values()].filter(
      (state) => !state.deleted && state.namespace === namespace,
    ) as Memory[];
  }
}
