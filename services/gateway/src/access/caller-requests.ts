import type { Job, Jobs, RequestedJob } from '@soma/jobs';
import type { Ledger } from '@soma/ledger';
import type { JsonObject } from '@soma/memory';
import { RequestRefused } from '../refusal.js';
import type { Asker } from './caller-reads.js';

export type AskedRequest = Pick<RequestedJob, 'job_id' | 'kind' | 'request' | 'request_hash'> & {
  /** Its id is made of an Idempotency-Key. */
  has_key: boolean;
};

/** Work that the writer does in a caller's name: kept to the caller's user, and shown to nobody whose it is not. */
export interface CallerRequests {
  /**
   * Makes the job, once; `created` is false when it was there.
   * @throws RequestRefused idempotency_key_reused, overloaded
   */
  begin(asker: Asker, asked: AskedRequest): Promise<{ job: Job; created: boolean }>;
  get(asker: Asker, id: string): Promise<Job | undefined>;
}

/** Jobs of one namespace that may wait or be under way; further ones are refused. */
const MAX_OPEN = 100;

export function createCallerRequests(
  jobs: Pick<Jobs, 'request' | 'get'>,
  ledger: Pick<Ledger, 'reserve'>,
): CallerRequests {
  return {
    begin: async ({ namespace, caller }, { has_key, request, ...asked }) => {
      const issuer = caller.subject;
      if (has_key) await reserve({ ...asked, namespace, issuer }, ledger);
      const bound: JsonObject = { ...request, namespace, bound_to_user: caller.user_id };
      const made = await jobs.request({ ...asked, request: bound, namespace, issuer, max_open: MAX_OPEN });
      if (made !== undefined) return made;
      throw new RequestRefused(
        'overloaded',
        `${MAX_OPEN} such requests of the namespace are under way; try again`,
      );
    },
    get: async ({ namespace, caller }, id) => {
      const job = await jobs.get(id);
      const isOwn = caller.user_id === null || job?.issuer === caller.subject;
      return job?.namespace === namespace && isOwn ? job : undefined;
    },
  };
}

/** Under a key that was used for something else, nothing is begun. */
async function reserve(
  {
    job_id: operation_id,
    request_hash,
    namespace,
    issuer,
  }: Omit<RequestedJob, 'kind' | 'request' | 'max_open'>,
  ledger: Pick<Ledger, 'reserve'>,
): Promise<void> {
  const known = await ledger.reserve({ operation_id, namespace, request_hash, issuer });
  if (known === undefined || known.request_hash === request_hash) return;
  throw new RequestRefused('idempotency_key_reused', 'this Idempotency-Key was used for another request');
}
