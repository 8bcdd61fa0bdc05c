import { randomUUID } from 'node:crypto';
import type { IndexGenerations } from '@soma/index-generations';
import { gauge } from '@soma/service';
import type { Collections } from '@soma/vector-index';
import type { Registry } from 'prom-client';
import { catchUp, commandsBehind, type CatchUpDeps } from './catch-up.js';

export interface FollowDeps extends CatchUpDeps {
  collections: Collections;
  generations: IndexGenerations;
  registry: Registry;
}

/** How long another process waits for one that died. */
const FOLLOW_MS = 30_000;

/**
 * Brings the kept generation up to date from Postgres, so that a rollback has little left to do. Beside the batches, not
 * in them: an old endpoint that was turned off holds nothing up.
 */
export function followKept(deps: FollowDeps): (signal: AbortSignal) => Promise<void> {
  const { collections, generations } = deps;
  const process = randomUUID();
  const behind = gauge(deps.registry, {
    name: 'soma_index_kept_behind_commands',
    help: 'Commands that the index generation kept for a rollback lacks; 0 when none is kept, or another process follows',
  });
  return async (signal) => {
    const kept = (await generations.read()).find(({ state }) => state === 'kept');
    const hold = (collection: string) => collections.follow(collection, process, FOLLOW_MS);
    if (kept === undefined || !(await hold(kept.collection))) {
      behind.set(0);
      return;
    }
    behind.set(await commandsBehind(kept.collection, deps));
    const onPage = async (): Promise<void> => {
      await hold(kept.collection);
    };
    try {
      await catchUp({ generation: generations.open(kept), signal, onPage }, deps);
    } finally {
      // Dropped meanwhile, it may have been made anew by us.
      const isForgotten = !(await generations.read()).some(
        ({ collection }) => collection === kept.collection,
      );
      if (isForgotten) await deps.index.dropCollection(kept.collection);
    }
    behind.set(await commandsBehind(kept.collection, deps));
  };
}
