import type { IndexGenerations } from '@soma/index-generations';
import type { Jobs } from '@soma/jobs';
import type { Logger } from '@soma/service';
import type { Collections, IndexGeneration, VectorIndex } from '@soma/vector-index';

export interface TidyDeps {
  index: Pick<VectorIndex, 'dropCollection'>;
  jobs: Pick<Jobs, 'get'>;
  collections: Collections;
  generations: Pick<IndexGenerations, 'read'>;
  /** How long a former generation is kept for a rollback, milliseconds; null: until the reindex is finished. */
  keepMs: number | null;
  logger: Logger;
}

/** Drops the collections that nobody needs any more. Every indexer does it; repeats change nothing. */
export async function tidyGenerations(deps: TidyDeps): Promise<void> {
  const { collections, index } = deps;
  for (const generation of await deps.generations.read()) {
    const { collection, state } = generation;
    if (isKeptTooLong(generation, deps)) await letGo(generation, deps);
    if (await isOver(generation, deps)) await collections.leave(collection);
    else if (state !== 'gone') continue;
    // Nobody writes it any more: a batch that is about to fails, is tried again and knows better.
    await index.dropCollection(collection);
    await collections.forget(collection);
  }
}

/** What no search names any more, and what is built by a job that ended before its end. */
async function isOver({ state, joined, job_id }: IndexGeneration, { jobs }: TidyDeps): Promise<boolean> {
  if (state === 'retiring') return !joined;
  if (state !== 'building') return false;
  const job = job_id === null ? undefined : await jobs.get(job_id);
  return job === undefined || job.finished_at !== null;
}

function isKeptTooLong({ state, age_ms }: IndexGeneration, { keepMs }: TidyDeps): boolean {
  return state === 'kept' && keepMs !== null && age_ms > keepMs;
}

async function letGo({ collection }: IndexGeneration, { collections, logger }: TidyDeps): Promise<void> {
  if (await collections.retire(collection))
    logger.warn({ collection }, 'the former generation of the index was kept long enough; it is let go');
}
