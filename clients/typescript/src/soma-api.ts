import type { Caller } from './caller.js';
import { asQuery, pathOfMemory } from './calls.js';
import { SomaError } from './errors.js';
import { exportMemories, type OpenExport } from './export.js';
import { walk } from './pages.js';
import type { ApiCall } from './transport.js';
import { watchPages, type ChangesPage } from './watch.js';
import type {
  BatchOperation,
  BatchWritten,
  CallOptions,
  Change,
  ConditionalWriteOptions,
  Conversation,
  CountRequest,
  Deleted,
  DeletedMany,
  DeleteManyRequest,
  DeleteOptions,
  ExportedMemory,
  ExportRequest,
  GetOptions,
  HistoryPage,
  Linked,
  LinkName,
  ListOptions,
  ListPageRequest,
  ListRequest,
  Memory,
  MemoryPage,
  MemoryPatch,
  NamespacePage,
  NeighborsRequest,
  Neighborhood,
  NewLink,
  NewMemory,
  Operation,
  Path,
  PathRequest,
  SearchAnswer,
  SearchRequest,
  Unlinked,
  Version,
  WatchRequest,
  WriteOptions,
  Written,
} from './types.js';

/** How long one look for changes waits for them. */
const WATCH_SECONDS = 20;

/**
 * What a client and a session can do. Data is spelled as the HTTP API spells it, and documented there (/docs of the
 * service). All methods reject with SomaError, or with the reason of the AbortSignal they were given.
 */
export abstract class SomaApi {
  protected readonly caller: Caller;

  constructor(caller: Caller) {
    this.caller = caller;
  }

  /** Stores a memory whole, replacing what is at its coord. */
  store(memory: NewMemory, options: ConditionalWriteOptions = {}): Promise<Written> {
    return this.caller.write({ method: 'POST', path: '/memories', body: memory }, options);
  }

  /** Changes parts of a memory (JSON Merge Patch: null removes). @throws SomaError memory_not_found */
  async patch(coord: string, patch: MemoryPatch, options: ConditionalWriteOptions = {}): Promise<Written> {
    return this.caller.write({ method: 'PATCH', path: pathOfMemory(coord), body: patch }, options);
  }

  /** `deleted` of the result says whether there was one. */
  async delete(coord: string, { erase, ...options }: DeleteOptions = {}): Promise<Deleted> {
    return this.caller.write({ method: 'DELETE', path: pathOfMemory(coord), query: { erase } }, options);
  }

  /**
   * Deletes what passes, nothing when more than `at_most` does; with `dry_run` only counts. What is not over in time is
   * answered before its end: see `operation`.
   */
  deleteMany(request: DeleteManyRequest, options: WriteOptions = {}): Promise<DeletedMany> {
    return this.caller.write({ method: 'POST', path: '/memories/delete', body: request }, options);
  }

  /** Null when there is none, or was none then. */
  async get(coord: string, { version, asOf, ...options }: GetOptions = {}): Promise<Memory | null> {
    try {
      const call = { method: 'GET', path: pathOfMemory(coord), query: { version, as_of: asOf } } as const;
      return (await this.caller.read<{ memory: Memory }>(call, options)).memory;
    } catch (error) {
      if (error instanceof SomaError && error.code === 'memory_not_found') return null;
      throw error;
    }
  }

  /** By position; null where there is none. At most 500. */
  async getMany(coords: readonly string[], options: CallOptions = {}): Promise<(Memory | null)[]> {
    const call = { method: 'POST', path: '/memories/get', body: { coords } } as const;
    return (await this.caller.read<{ memories: (Memory | null)[] }>(call, options)).memories;
  }

  /** Many writes at once, at most 500, in order; one that is rejected spoils no other. */
  batch(operations: readonly BatchOperation[], options: WriteOptions = {}): Promise<BatchWritten> {
    return this.caller.write({ method: 'POST', path: '/memories/batch', body: { operations } }, options);
  }

  /** Stores the messages of a conversation, one memory each, as they are. */
  storeMessages(conversation: Conversation, options: WriteOptions = {}): Promise<BatchWritten> {
    return this.caller.write({ method: 'POST', path: '/memories/messages', body: conversation }, options);
  }

  /** Finds memories by meaning and words, best first. */
  search(request: SearchRequest | string, options: CallOptions = {}): Promise<SearchAnswer> {
    const body = typeof request === 'string' ? { query: request } : request;
    return this.caller.read({ method: 'POST', path: '/memories/search', body }, options);
  }

  /**
   * Goes through memories in order, each once while others write. A page is fetched when it is come to; deadlineMs is
   * of one page.
   */
  list(request: ListRequest = {}, { pageSize, ...options }: ListOptions = {}): AsyncGenerator<Memory, void> {
    return walk(
      (cursor) => this.listPage({ ...request, limit: pageSize, cursor }, options),
      (page) => page.memories,
    );
  }

  /** One page of a list. `next_cursor` of it, with the same request, leads to the next; null at the end. */
  listPage({ filters, ...request }: ListPageRequest = {}, options: CallOptions = {}): Promise<MemoryPage> {
    return this.#get('/memories', { ...request, filters: asQuery(filters) }, options);
  }

  /** Goes through the memories whose numeric coords, of as many numbers, are inside the box, its border included. */
  range(min: string, max: string, { pageSize, ...options }: ListOptions = {}): AsyncGenerator<Memory, void> {
    const query = { min, max, limit: pageSize };
    return walk(
      (cursor) => this.#get<MemoryPage>('/memories/range', { ...query, cursor }, options),
      (page) => page.memories,
    );
  }

  /** Goes through what a memory was, newest first, deletions among them. Wants a token of the role admin. */
  history(coord: string, { pageSize, ...options }: ListOptions = {}): AsyncGenerator<Version, void> {
    return walk(
      (cursor) =>
        this.#get<HistoryPage>(`${pathOfMemory(coord)}/history`, { limit: pageSize, cursor }, options),
      (page) => page.versions,
    );
  }

  /**
   * Goes through what changes, those of one memory in order, and waits for more without end: from now on (from when the
   * first change is asked for), behind the `id` of a former one with `after`, or from a time on with `since`. Lost connections
   * and outages are waited for; nothing is missed or repeated. Ends with what `signal` is aborted with, and with SomaError
   * cursor_expired when what comes next is no longer kept.
   */
  watch(
    { filters, after, ...request }: WatchRequest = {},
    options: CallOptions = {},
  ): AsyncGenerator<Change, void> {
    const narrowed = { ...request, filters: asQuery(filters) };
    let isFirst = after === undefined;
    return watchPages(
      async (place) => {
        // The first page only says where it begins, so that nothing is missed from then on.
        const waitSeconds = isFirst ? 0 : WATCH_SECONDS;
        const query = place === undefined ? narrowed : { ...narrowed, since: undefined, after: place };
        const page = await this.#get<ChangesPage>('/events', query, { ...options, waitSeconds });
        isFirst = false;
        return page;
      },
      after,
      options.signal,
    );
  }

  /**
   * Goes through the memories of the namespace as `store` and an import take them, by coord, each once while others write;
   * cut connections are gone on with. Wants a token of the role admin.
   */
  export(
    { filters, ...request }: ExportRequest = {},
    options: CallOptions = {},
  ): AsyncGenerator<ExportedMemory, void> {
    const call = { method: 'GET', path: '/admin/export', streamed: true } as const;
    const narrowed = { ...request, filters: asQuery(filters) };
    const open: OpenExport = (cursor) =>
      this.caller.read({ ...call, query: { ...narrowed, cursor } }, options);
    return exportMemories(open, options.signal);
  }

  /** Goes through the namespaces that the token may enter. */
  namespaces({ pageSize, ...options }: ListOptions = {}): AsyncGenerator<string, void> {
    return walk(
      (cursor) => this.#get<NamespacePage>('/namespaces', { limit: pageSize, cursor }, options),
      (page) => page.namespaces.map(({ namespace }) => namespace),
    );
  }

  /** How many memories pass. */
  async count(request: CountRequest = {}, options: CallOptions = {}): Promise<number> {
    const call = { method: 'POST', path: '/memories/count', body: request } as const;
    return (await this.caller.read<{ count: number }>(call, options)).count;
  }

  link(link: NewLink, options: WriteOptions = {}): Promise<Linked> {
    return this.caller.write({ method: 'POST', path: '/graph/links', body: link }, options);
  }

  /** `deleted` of the result says whether there was one. */
  unlink(link: LinkName, options: WriteOptions = {}): Promise<Unlinked> {
    return this.caller.write({ method: 'DELETE', path: '/graph/links', query: { ...link } }, options);
  }

  /** Memories around one, nearest and heaviest links first. */
  neighbors(
    coord: string,
    request: Omit<NeighborsRequest, 'coord'> = {},
    options: CallOptions = {},
  ): Promise<Neighborhood> {
    return this.#get('/graph/neighbors', { coord, ...request }, options);
  }

  /** The cheapest path by 1/weight; null when there is none. */
  async path(request: PathRequest, options: CallOptions = {}): Promise<Path | null> {
    try {
      return await this.#get<Path>('/graph/path', { ...request }, options);
    } catch (error) {
      if (error instanceof SomaError && error.code === 'no_path') return null;
      throw error;
    }
  }

  /** What became of a write that was answered before its end. Give it what the write gave. */
  operation(
    { operation_id, consistency_token }: { operation_id: string; consistency_token?: string | null },
    options: CallOptions = {},
  ): Promise<Operation> {
    const path = `/operations/${encodeURIComponent(operation_id)}`;
    return this.#get(path, { token: consistency_token ?? undefined }, options);
  }

  #get<Answer>(path: string, query: NonNullable<ApiCall['query']>, options: CallOptions): Promise<Answer> {
    return this.caller.read({ method: 'GET', path, query }, options);
  }
}
