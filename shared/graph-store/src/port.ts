import type { ProgressMove, RecordPosition } from '@soma/ledger';
import type { Limits, Link, LinkCommand, LinkDirection, Memory, Operation } from '@soma/memory';
import type { LinkChecks } from './link-checks.js';

/**
 * GraphStore: links between memories. What an implementation MUST do:
 *
 * - `apply` is one transaction and idempotent by command id, exactly as MemoryStore.apply.
 * - A link is identified by from, to and type; linking again replaces weight and properties.
 * - A link's row keeps the revisions of both ends as read in its transaction (0 where there is no memory);
 *   `removeLinksOf` removes a link only when the recorded revision of that end is older than the deletion's.
 * - A command that is bound to a user links, and removes links, between live memories of that user alone.
 * - Reads return only links and nodes whose ends are live memories of the namespace, and of the user that a query names.
 */
export interface GraphStore {
  apply(batch: LinkBatch): Promise<AppliedLink[]>;
  /** Removes links of deleted memories and moves progress, in one transaction. Repeats are harmless. */
  removeLinksOf(deletions: Deletion[], progress: ProgressMove): Promise<{ removed: number }>;
  /** Breadth first from `key` to `depth`, nearest and heaviest links first, at most `limit` nodes beside the start. */
  neighbors(query: NeighborsQuery): Promise<Subgraph>;
  /** The cheapest path by the sum of 1/weight over outgoing links; undefined when there is none within max_depth. */
  path(query: PathQuery): Promise<(Subgraph & { cost: number }) | undefined>;
  /** Links from or to these memories, whatever their type, by the memory and its live other end; heaviest first. Ends when the signal is aborted. */
  touching(query: TouchingQuery, signal?: AbortSignal): Promise<TouchingLink[]>;
  totals(): Promise<{ links: number }>;
  readonly checks: LinkChecks;
}

/** Where a store tells of walks that left something out because of its bounds. Must be cheap and must not throw. */
export interface WalkObserver {
  cut(walk: 'neighbors' | 'path'): void;
}

export interface LinkBatch {
  progress: ProgressMove;
  commands: PositionedLinkCommand[];
  limits: Limits;
}

export interface PositionedLinkCommand {
  position: number;
  command: LinkCommand;
  /** Of a redriven record: the dead letter that it replaces. */
  redrive_of?: RecordPosition | undefined;
}

export interface AppliedLink {
  position: number;
  operation: Operation;
  replayed: boolean;
}

export interface Deletion {
  namespace: string;
  key: string;
  revision: number;
}

export interface NeighborsQuery {
  namespace: string;
  /** Whose memories are walked over; null: everybody's. */
  user_id: string | null;
  key: string;
  link_type: string | null;
  direction: LinkDirection;
  /** 1–4. */
  depth: number;
  limit: number;
}

export interface PathQuery {
  namespace: string;
  /** As in NeighborsQuery. */
  user_id: string | null;
  from_key: string;
  to_key: string;
  link_type: string | null;
  max_depth: number;
}

export interface TouchingQuery {
  namespace: string;
  /** As in NeighborsQuery. */
  user_id: string | null;
  keys: readonly string[];
  limit: number;
}

export interface TouchingLink {
  /** One of the keys asked for; a link between two of them comes once for each. */
  key: string;
  end: string;
  weight: number;
}

export interface Subgraph {
  /** With the start first; each node once. `depth` is the number of links from the start. */
  nodes: { memory: Memory; depth: number }[];
  links: Link[];
}
