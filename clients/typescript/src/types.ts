import type { components, operations } from './generated/api.js';

type Body<Id extends keyof operations> = operations[Id] extends {
  requestBody: { content: infer Content };
}
  ? Content[keyof Content]
  : never;
type Query<Id extends keyof operations> = NonNullable<operations[Id]['parameters']['query']>;
type Answer<Id extends keyof operations> = operations[Id] extends {
  responses: { 200: { content: { 'application/json': infer Json } } };
}
  ? Json
  : never;

/** A memory as it is read. */
export type Memory = components['schemas']['Memory'];
/** A link as it is read. */
export type Link = components['schemas']['Link'];
/** What became of a write. */
export type Operation = components['schemas']['Operation'];

/** What may be left out may be undefined too: JSON leaves it out. */
type Given<T> = T extends readonly unknown[]
  ? T
  : { [Key in keyof T]: T extends Record<Key, T[Key]> ? T[Key] : T[Key] | undefined };

/** A memory to store; without a coord it gets a name. */
export type NewMemory = Given<Body<'storeMemory'>>;
/** What to change; null removes. */
export type MemoryPatch = Given<Body<'patchMemory'>>;
export type BatchOperation = Given<Body<'writeBatch'>['operations'][number]>;
export type Conversation = Given<Body<'storeMessages'>>;
export type SearchRequest = Given<Body<'searchMemories'>>;
export type SearchAnswer = Answer<'searchMemories'>;
export type FoundMemory = SearchAnswer['memories'][number];
/** A filter; docs of the service tell its operators. */
export type Filters = NonNullable<SearchRequest['filters']>;
export type ListRequest = Given<Omit<Query<'listMemories'>, 'filters' | 'limit' | 'cursor'>> & {
  filters?: Filters | undefined;
};
export type ListPageRequest = ListRequest & { limit?: number | undefined; cursor?: string | undefined };
export type MemoryPage = Answer<'listMemories'>;
/** What a memory was, and who made it so. */
export type Version = HistoryPage['versions'][number];
export type HistoryPage = Answer<'getMemoryHistory'>;
export type NamespacePage = Answer<'listNamespaces'>;
export type CountRequest = Given<Body<'countMemories'>>;
export type DeleteManyRequest = Given<Body<'deleteMemories'>>;
export type NewLink = Given<Body<'linkMemories'>>;
export type LinkName = Pick<NewLink, 'from_coord' | 'to_coord' | 'type'>;
export type NeighborsRequest = Given<Query<'getNeighbors'>>;
export type PathRequest = Given<Query<'getPath'>>;
/** The memories of a walk, and the links between them. */
export type Neighborhood = Answer<'getNeighbors'>;
export type Path = Answer<'getPath'>;

/** What changed: `event` says how, `data` has the memory as it is then. Keep `id` to go on behind it. */
export type Change = Answer<'followEvents'>['events'][number];
export type WatchRequest = Given<Omit<Query<'followEvents'>, 'filters' | 'limit'>> & {
  filters?: Filters | undefined;
};

/** What `store` and an import take; what is not set is left out. */
export type ExportedMemory = NewMemory & { coord: string };
export type ExportRequest = Given<Omit<Query<'exportMemories'>, 'filters' | 'cursor'>> & {
  filters?: Filters | undefined;
};

/** What a write says beside its result. */
export interface Receipt {
  /** Covers this write, and in a session all before it; null when nothing was written. */
  consistency_token: string | null;
  /** Was this the answer to an earlier attempt, or to an earlier call with the same idempotencyKey? */
  replayed: boolean;
}
export type Written = components['schemas']['WriteResult'] & Receipt & { created: boolean };
export type Deleted = Answer<'deleteMemory'> & Receipt;
export type DeletedMany = Answer<'deleteMemories'> & Receipt;
export type Linked = Answer<'linkMemories'> & Receipt & { created: boolean };
export type Unlinked = Answer<'unlinkMemories'> & Receipt;
export type BatchResult = Answer<'writeBatch'>['results'][number];
export type BatchWritten = { results: BatchResult[] } & Receipt;

export type Until = NonNullable<Query<'storeMemory'>['until']>;

export interface CallOptions {
  /** Ends the call, wherever it is; it then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Milliseconds for everything: waiting, attempts, the pauses between them. */
  deadlineMs?: number | undefined;
  /** Seconds the service may wait before it answers, at most 30: a write for `until`, a read for the session's writes. */
  waitSeconds?: number | undefined;
}

export interface GetOptions extends CallOptions {
  /** As this version was. `history_expired` when that is no longer kept. */
  version?: number | undefined;
  /** As it was then, RFC 3339. */
  asOf?: string | undefined;
}

export interface ListOptions extends CallOptions {
  /** Memories fetched at once; 50 unless told otherwise, at most 500. */
  pageSize?: number | undefined;
}

export interface WriteOptions extends CallOptions {
  /** accepted: in the log; stored (what it is without this): in the store; indexed: searches find it too. */
  until?: Until | undefined;
  /** Made anew for each call unless given. Give one to repeat a call safely after a crash; it is remembered 8 days. */
  idempotencyKey?: string | undefined;
}

export interface ConditionalWriteOptions extends WriteOptions {
  /** Only when this is the memory's version, else `version_conflict`. */
  ifVersion?: number | undefined;
  /** Only when there is no memory, else `already_exists`. */
  ifAbsent?: boolean | undefined;
}

export interface DeleteOptions extends ConditionalWriteOptions {
  /** The history goes too; wants a token of the role admin. */
  erase?: boolean | undefined;
}
