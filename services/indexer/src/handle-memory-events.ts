import type { CodecValue } from '@soma/events';
import type { IndexGenerations } from '@soma/index-generations';
import type { Ledger, ProgressMove } from '@soma/ledger';
import { SomaError } from '@soma/memory';
import type { MemoryStore } from '@soma/memory-store';
import type { Logger } from '@soma/service';
import type { PartitionProgress, VectorIndex } from '@soma/vector-index';
import { APPLY, newestStates, SKIP, type Handler } from '@soma/worker';
import { ensure } from './ensure.js';
import { fillFromStore, revisionReached, type FilledPage } from './fill-from-store.js';
import { indexDeletions, indexStates, noteRefused } from './index-states.js';
import { Standings } from './standings.js';

export interface MemoryEventsDeps {
  index: VectorIndex;
  logger: Logger;
  generations: Pick<IndexGenerations, 'written'>;
  ledger: Ledger;
  memories: MemoryStore;
}

/** What the indexer does with memory.events: the newest state of each memory goes into the index, then progress. */
export function handleMemoryEvents(deps: MemoryEventsDeps): Handler<CodecValue> {
  const standings = new Standings(deps.index);
  return {
    triage: ({ value }) => (value.type === 'MemoryStored' || value.type === 'MemoryDeleted' ? APPLY : SKIP),
    apply: async ({ records, partition, move, signal }) => {
      const { whole: generations, deletionsOnly } = await deps.generations.written();
      const [{ collection }] = generations;
      const states = newestStates(records);
      await noteRefused(await indexStates(states, { generations, partition, signal }, deps), deps);
      await indexDeletions(states, { collections: deletionsOnly, partition }, deps);
      if (!standings.isOf(collection, partition)) await follow(partition, standings, deps);
      await moveProgress(move, collection, standings);
      await deps.ledger.advance(move);
    },
    assigned: ({ partition, claim }) => begin(partition, claim, standings, deps),
    stands: async ({ partition }) => {
      const [{ collection }] = (await deps.generations.written()).whole;
      return standings.stands(collection, partition);
    },
  };
}

/** In the index before the ledger: of the two, the lower one counts. */
async function moveProgress(
  { partition, generation, command_position }: ProgressMove,
  collection: string,
  standings: Standings,
): Promise<void> {
  if (command_position === null) return;
  if (await standings.move(collection, partition, { generation, command_position })) return;
  throw new SomaError(
    'standing_lost',
    `the index no longer holds what was written to it of partition ${partition}`,
  );
}

/** Another collection took the place of the one that was written: this process goes on there, where it is. */
async function follow(partition: number, standings: Standings, deps: MemoryEventsDeps): Promise<void> {
  const last = standings.last(partition);
  if (last === undefined) throw new SomaError('standing_lost', `partition ${partition} was never begun`);
  await begin(partition, last, standings, deps);
}

/**
 * A collection that is behind the ledger was wiped, restored or made anew: what it lacks is read from Postgres, which
 * is the truth, before events are followed again.
 */
async function begin(
  partition: number,
  { generation, command_position }: PartitionProgress,
  standings: Standings,
  deps: MemoryEventsDeps,
): Promise<void> {
  const { index, generations, logger } = deps;
  const [active] = (await generations.written()).whole;
  const { collection } = active;
  await ensure(active, index);
  const held = (await index.progress(collection, [partition])).get(partition);
  const after = revisionReached(held);
  const upTo = revisionReached({ generation, command_position });
  if (after < upTo) {
    const onPage = ({ refused }: FilledPage) => noteRefused(refused, deps);
    const filled = await fillFromStore({ generation: active, partition, after, upTo, onPage }, deps);
    if (filled > 0)
      logger.warn(
        { partition, collection, filled },
        'the index was behind its progress; filled from Postgres',
      );
  }
  await standings.begin(collection, partition, { generation, command_position });
}
