import type { Caller } from './caller.js';
import { pathOfMemory } from './calls.js';
import { SomaError } from './errors.js';
import type {
  BatchOperation,
  BatchWritten,
  CallOptions,
  ConditionalWriteOptions,
  Conversation,
  Deleted,
  DeleteOptions,
  Linked,
  LinkName,
  Memory,
  MemoryPatch,
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
  WriteOptions,
  Written,
} from './types.js';

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

  /** Null when there is none. */
  async get(coord: string, options: CallOptions = {}): Promise<Memory | null> {
    try {
      const call = { method: 'GET', path: pathOfMemory(coord) } as const;
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
    return this.caller.read(
      { method: 'GET', path: '/graph/neighbors', query: { coord, ...request } },
      options,
    );
  }

  /** The cheapest path by 1/weight; null when there is none. */
  async path(request: PathRequest, options: CallOptions = {}): Promise<Path | null> {
    try {
      return await this.caller.read<Path>(
        { method: 'GET', path: '/graph/path', query: { ...request } },
        options,
      );
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
    return this.caller.read(
      { method: 'GET', path, query: { token: consistency_token ?? undefined } },
      options,
    );
  }
}
