import { TOPICS } from '@soma/events';
import type { OpenGeneration } from '@soma/index-generations';
import type { GroupProgress, Ledger } from '@soma/ledger';
import { generationOf, positionOf } from '@soma/memory';
import { ensure } from './ensure.js';
import {
  FILL_PAGE,
  fillFromStore,
  revisionReached,
  type FilledPage,
  type FillingDeps,
} from './fill-from-store.js';
import type { Pace } from './pace.js';

export interface CatchUpDeps extends FillingDeps {
  ledger: Pick<Ledger, 'progress'>;
}

export interface CatchingUp {
  generation: OpenGeneration;
  signal: AbortSignal;
  /** How fast texts may be embedded; as fast as they can unless given. */
  pace?: Pace;
  onPage?: (page: FilledPage) => Promise<void>;
}

/**
 * Brings a generation that no worker follows to what the writer has done by now; returns how many memories it lacked.
 * How far it is stands in the collection itself, so that it goes on there after a crash.
 */
export async function catchUp(
  { generation, signal, pace, onPage }: CatchingUp,
  deps: CatchUpDeps,
): Promise<number> {
  const { index, ledger } = deps;
  const { collection } = generation;
  await ensure(generation, index);
  let lacked = 0;
  for (const { partition, generation: log, position } of (await ledger.progress()).filter(isOfWriter)) {
    const reached = { generation: log, command_position: position };
    const after = revisionReached((await index.progress(collection, [partition])).get(partition));
    const upTo = revisionReached(reached);
    if (after >= upTo) continue;
    const page = async (filled: FilledPage): Promise<void> => {
      const { revision } = filled;
      const upToHere = { generation: generationOf(revision), command_position: positionOf(revision) };
      await index.setProgress(collection, partition, upToHere);
      await onPage?.(filled);
      await pace?.spend(filled.written);
    };
    const filling = { generation, partition, after, upTo, signal, page: pace?.atOnce ?? FILL_PAGE };
    lacked += await fillFromStore({ ...filling, onPage: page }, deps);
    await index.setProgress(collection, partition, reached);
  }
  return lacked;
}

/** Commands that no generation beside the active one has seen yet; what `catchUp` would go through. */
export async function commandsBehind(collection: string, deps: Pick<CatchUpDeps, 'ledger' | 'index'>) {
  const rows = (await deps.ledger.progress()).filter(isOfWriter);
  const held = await deps.index.progress(
    collection,
    rows.map(({ partition }) => partition),
  );
  return rows.reduce((sum, { partition, generation, position }) => {
    const upTo = revisionReached({ generation, command_position: position });
    return sum + Math.max(0, upTo - revisionReached(held.get(partition)));
  }, 0);
}

/**
 * The progress of a generation that no worker follows, in the place of the indexer's: whoever waits for it to come so
 * far brings it there.
 */
export function followingLedger(catching: CatchingUp, deps: CatchUpDeps): Pick<Ledger, 'progress'> {
  return {
    progress: async () => {
      await catchUp(catching, deps);
      const rows = (await deps.ledger.progress()).filter(isOfWriter);
      const held = await deps.index.progress(
        catching.generation.collection,
        rows.map(({ partition }) => partition),
      );
      const followers = rows.flatMap(({ partition, ...row }): GroupProgress[] => {
        const progress = held.get(partition);
        if (progress === undefined) return [];
        return [{ ...row, ...progress, partition, group: 'indexer', topic: TOPICS.memoryEvents }];
      });
      return [...rows, ...followers];
    },
  };
}

function isOfWriter({ group, topic }: GroupProgress): boolean {
  return group === 'writer' && topic === TOPICS.memoryCommands;
}
