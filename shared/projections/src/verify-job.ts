import type { JobHandler } from '@soma/jobs';
import type { Ledger } from '@soma/ledger';
import { asResult, type Difference } from './difference.js';
import { verifyRequestOf, type VerifyRequest } from './job-request.js';
import type { Projection } from './projection.js';
import { verify } from './verify.js';

export interface VerifyJobDeps<D extends Difference> {
  ledger: Pick<Ledger, 'progress'>;
  projectionOf: (request: VerifyRequest, signal: AbortSignal) => Projection<D> | Promise<Projection<D>>;
}

/** The job that compares a projection with the memories, and mends it when asked to. */
export function verifyJob<D extends Difference>({ ledger, projectionOf }: VerifyJobDeps<D>): JobHandler {
  return async ({ job, signal, save }) => {
    const request = verifyRequestOf(job.request);
    const projection = await projectionOf(request, signal);
    const size = await projection.size();
    const verification = await verify({
      projection,
      ledger,
      repair: request.repair,
      signal,
      from: job.cursor,
      save: (cursor, looked) => save({ cursor, done: looked, total: Math.max(size, looked) }),
    });
    return asResult(verification);
  };
}
