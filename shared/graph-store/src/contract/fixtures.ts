import type { Claim } from '@soma/ledger';
import { moveTo } from '@soma/ledger/contract';
import { DEFAULT_LIMITS, type LinkCommand, type LinkMemories, type UnlinkMemories } from '@soma/memory';
import { batchOf, envelope, type OpenedMemoryStore } from '@soma/memory-store/contract';
import type { GraphStore, LinkBatch } from '../port.js';

export interface OpenedGraphStore {
  graph: GraphStore;
  /** Over the same database. */
  memories: OpenedMemoryStore['store'];
  ledger: OpenedMemoryStore['ledger'];
  close(): Promise<void>;
}

export function linkCommand(
  from_coord: string,
  to_coord: string,
  changes: Partial<LinkMemories> = {},
): LinkMemories {
  const link = { from_coord, to_coord, link_type: 'related', weight: 1, properties: {} };
  return { type: 'LinkMemories', ...envelope(), ...link, ...changes };
}

export function unlinkCommand(
  from_coord: string,
  to_coord: string,
  changes: Partial<UnlinkMemories> = {},
): UnlinkMemories {
  return { type: 'UnlinkMemories', ...envelope(), from_coord, to_coord, link_type: 'related', ...changes };
}

export function linkBatchOf(
  claim: Claim,
  first: number,
  commands: LinkCommand[],
  changes: Partial<LinkBatch['progress']> = {},
): LinkBatch {
  const at = { group: 'graph', topic: 'graph.commands', ...changes } as const;
  return {
    progress: moveTo(first + commands.length - 1, claim, at),
    commands: commands.map((command, index) => ({ position: first + index, command })),
    limits: DEFAULT_LIMITS,
  };
}

/** A graph under test, with the claims and positions that its commands need. */
export class GraphFixture {
  readonly #opened: OpenedGraphStore;

  constructor(opened: OpenedGraphStore) {
    this.#opened = opened;
  }

  async link(...commands: LinkCommand[]) {
    const owner = await this.#opened.ledger.claim('graph', 'graph.commands', 0);
    return this.#opened.graph.apply(linkBatchOf(owner, owner.position + 1, commands));
  }

  async write(...commands: Parameters<typeof batchOf>[2]) {
    const owner = await this.#opened.ledger.claim('writer', 'memory.commands', 0);
    return this.#opened.memories.apply(batchOf(owner, owner.position + 1, commands));
  }

  /** As the graph worker does with events of deletions. */
  async removeLinksOf(key: string, revision: number, namespace = 'team') {
    const owner = await this.#opened.ledger.claim('graph', 'memory.events', 0);
    const move = moveTo(owner.position + 1, owner, { group: 'graph', topic: 'memory.events' });
    return this.#opened.graph.removeLinksOf([{ namespace, key, revision }], move);
  }
}
