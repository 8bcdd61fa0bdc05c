import { isNamespace, SomaError, type JsonObject } from '@soma/memory';

export interface VerifyRequest {
  /** So many at random; null: all. */
  sample: number | null;
  /** Null: all. */
  namespace: string | null;
  repair: boolean;
}

export const MOST_SAMPLED = 10_000;

/** The request of a job, whoever made it. @throws SomaError invalid_request */
export function verifyRequestOf({
  sample = null,
  namespace = null,
  repair = false,
}: JsonObject): VerifyRequest {
  const isSample =
    sample === null || (Number.isInteger(sample) && Number(sample) >= 1 && Number(sample) <= MOST_SAMPLED);
  const isOneNamespace = namespace === null || (typeof namespace === 'string' && isNamespace(namespace));
  if (!isSample || !isOneNamespace || typeof repair !== 'boolean')
    throw new SomaError('invalid_request', 'the job asks for a sample, a namespace or a repair that is none');
  return { sample: sample as number | null, namespace: namespace, repair };
}
