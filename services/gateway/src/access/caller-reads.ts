import { scopedFilter, type Filter, type Memory, type Operation } from '@soma/memory';
import type { Ledger } from '@soma/ledger';
import type { NamespaceRead, ReadOptions, Reads } from '@soma/reads';
import type { Caller } from './caller.js';

/** In whose name something is read, and where: a request, which a route has from the pipeline alone. */
export interface Asker {
  namespace: string;
  caller: Pick<Caller, 'subject' | 'role' | 'user_id'>;
}

/** A read of one namespace as routes get it: who asks instead of a namespace, and no say in whose memories it sees. */
type AskedRead<Read> = Read extends (
  namespace: string,
  request: infer Request,
  options: ReadOptions,
) => infer Answer
  ? (
      asker: Asker,
      request: Request extends { user_id: unknown } ? Omit<Request, 'user_id' | 'deleted_too'> : Request,
      options: ReadOptions,
    ) => Answer
  : never;

/**
 * All that routes can read. This is the one place where a token that is bound to a user is kept to its memories: the
 * type demands an entry of every read that there is.
 */
export type CallerReads = { [Name in NamespaceRead]: AskedRead<Reads[Name]> } & {
  /** Those that the caller may enter and that hold something, and its default one, in one order. */
  namespaces(caller: Caller, page: { after: string | null; limit: number }): Promise<string[]>;
};

export function createCallerReads(reads: Reads): CallerReads {
  return {
    get: async ({ namespace, caller }, keys, options) => {
      const found = await reads.get(namespace, keys, options);
      return found.map((memory) => (memory !== null && maySee(caller, memory) ? memory : null));
    },
    list: ({ namespace, caller }, request, options) =>
      reads.list(namespace, { ...request, filter: ownOf(caller, request.filter) }, options),
    range: ({ namespace, caller }, request, options) =>
      reads.range(namespace, { ...request, filter: ownOf(caller, request.filter) }, options),
    count: ({ namespace, caller }, { filter }, options) =>
      reads.count(namespace, { filter: ownOf(caller, filter) }, options),
    history: ({ namespace, caller }, request, options) =>
      reads.history(namespace, { ...request, ...pastOf(caller) }, options),
    past: ({ namespace, caller }, request, options) =>
      reads.past(namespace, { ...request, ...pastOf(caller) }, options),
    changes: ({ namespace, caller }, request, options) =>
      reads.changes(namespace, { ...request, filter: ownOf(caller, request.filter) }, options),
    search: ({ namespace, caller }, request, options) => {
      const { user_id } = caller;
      const filter = ownOf(caller, request.filter);
      const scope = ownOf(caller, request.scope);
      return reads.search(namespace, { ...request, filter, scope, user_id }, options);
    },
    neighbors: ({ namespace, caller }, request, options) =>
      reads.neighbors(namespace, { ...request, user_id: caller.user_id }, options),
    path: ({ namespace, caller }, request, options) =>
      reads.path(namespace, { ...request, user_id: caller.user_id }, options),
    namespaces: async ({ namespaces, default_namespace }, { after, limit }) => {
      if (namespaces === null) {
        return reads.namespaces({
          always: default_namespace === null ? [] : [default_namespace],
          after,
          limit,
        });
      }
      const behind = namespaces.filter((namespace) => after === null || namespace > after);
      return behind.toSorted().slice(0, limit);
    },
  };
}

export type CallerOperations = (asker: Asker, ids: string[]) => Promise<(Operation | undefined)[]>;

/** Operations that the asker may know of: all of the namespace, or those of its own commands. */
export function createCallerOperations(ledger: Pick<Ledger, 'operations'>): CallerOperations {
  return async ({ namespace, caller }, ids) => {
    const found = await ledger.operations(namespace, ids);
    const isOwn = (operation: Operation) => caller.user_id === null || operation.issuer === caller.subject;
    return found.map((operation) => (operation !== undefined && isOwn(operation) ? operation : undefined));
  };
}

/** What was deleted, or has expired, stays for admins to see; whose it was, a tombstone does not say. */
function pastOf({ role, user_id }: Asker['caller']): { user_id: string | null; deleted_too: boolean } {
  return { user_id, deleted_too: role === 'admin' && user_id === null };
}

export function maySee({ user_id }: Pick<Caller, 'user_id'>, memory: Pick<Memory, 'user_id'>): boolean {
  return user_id === null || memory.user_id === user_id;
}

/** What of it the caller may see. */
export function ownOf({ user_id }: Pick<Caller, 'user_id'>, filter?: Filter): Filter {
  return scopedFilter(user_id === null ? {} : { user_id }, filter);
}
