import type { JobHandler } from '@soma/jobs';
import { isNamespace, SomaError, type JsonObject } from '@soma/memory';
import type { RetentionPolicies, RetentionPolicy } from '@soma/memory-store';
import { z } from 'zod';

/** Coords shown of each reason. */
const COORDS = 10;

const tryRequest = z.object({
  namespace: z.string().refine(isNamespace),
  policy: z.object({
    ttl_seconds: z.int().min(1).nullable(),
    max_memories: z.int().min(0).nullable(),
    decay: z
      .object({ half_life_seconds: z.int().min(1), min_score: z.number(), accesses: z.boolean() })
      .nullable(),
  }),
});

/** Says what a policy would delete now and why, and deletes nothing. */
export function tryPolicy({ policies }: { policies: Pick<RetentionPolicies, 'preview'> }): JobHandler {
  return async ({ job }) => {
    const { namespace, policy } = readTryRequest(job.request);
    const { live, would_delete, coords } = await policies.preview(namespace, policy, COORDS);
    return { live, would_delete, coords };
  };
}

/** @throws SomaError invalid_request */
function readTryRequest(request: JsonObject): { namespace: string; policy: RetentionPolicy } {
  const parsed = tryRequest.safeParse(request);
  if (parsed.success) return parsed.data;
  throw new SomaError('invalid_request', 'the request of the job is not of the form that the writer reads');
}
