import type { GraphStore } from '@soma/graph-store';
import type { JobHandler } from '@soma/jobs';
import type { Ledger } from '@soma/ledger';
import { verifyJob } from '@soma/projections';
import { graphProjection } from './graph-projection.js';

/**
 * Nothing of the graph is made from anything else: its links are the truth about links. So to rebuild it is to look
 * at every link, remove those that should have gone with a memory, and say what was found.
 */
export function rebuildGraph(deps: { links: GraphStore; ledger: Ledger }): JobHandler {
  const verify = verifyJob({
    ledger: deps.ledger,
    projectionOf: (request) => graphProjection(deps, request),
  });
  return (work) => verify({ ...work, job: { ...work.job, request: { repair: true } } });
}
