import { runJobs, type Jobs } from '@soma/jobs';
import { verifyJob } from '@soma/projections';
import type { Logger, Service } from '@soma/service';
import type { Registry } from 'prom-client';
import type { BuildingDeps } from './build-generation.js';
import { indexProjection } from './index-projection.js';
import { rebuildIndex } from './rebuild-index.js';
import { finishReindex, reindex, rollBack } from './reindex.js';

export interface IndexerJobsDeps extends BuildingDeps {
  logger: Logger;
  jobs: Jobs;
  registry: Registry;
}

/** A reindex may take days: what else there is to do does not wait for it. */
export function indexerJobs(deps: IndexerJobsDeps): Service[] {
  const verify = verifyJob({
    ledger: deps.ledger,
    projectionOf: async (request, signal) =>
      indexProjection((await deps.generations.written()).whole[0], request, signal, deps),
  });
  const short = { 'verify-index': verify, 'rebuild-index': rebuildIndex(deps) };
  const long = {
    reindex: reindex(deps),
    'rollback-reindex': rollBack(deps),
    'finish-reindex': finishReindex(deps),
  };
  return [short, long].map((handlers) => runJobs({ ...deps, name: 'indexer', handlers }));
}
