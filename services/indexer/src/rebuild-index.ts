import type { JobHandler } from '@soma/jobs';
import { collectionOf } from '@soma/index-generations';
import { SomaError } from '@soma/memory';
import type { IndexGeneration, NewGeneration } from '@soma/vector-index';
import { buildGeneration, type BuildingDeps } from './build-generation.js';

/** Builds the index anew from Postgres, of the same embedder, beside the one that is used. */
export function rebuildIndex(deps: BuildingDeps): JobHandler {
  return (work) => {
    const design = async (): Promise<NewGeneration> => {
      const { spec, model, dimension } = activeOf(await deps.generations.read());
      return { collection: collectionForJob({ model, dimension }, work.job.job_id), spec, model, dimension };
    };
    return buildGeneration(work, { design, former: 'retiring', rate: null, sample: null }, deps);
  };
}

/** No two jobs build the same collection. */
export function collectionForJob(embedder: { model: string; dimension: number }, jobId: string): string {
  return `${collectionOf(embedder)}-${jobId.slice(0, 8)}`;
}

export function activeOf(generations: readonly IndexGeneration[]): IndexGeneration {
  const active = generations.find(({ state }) => state === 'active');
  if (active === undefined) throw new SomaError('index_unavailable', 'there is no index yet');
  return active;
}
