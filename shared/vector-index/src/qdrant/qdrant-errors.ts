import { SomaError } from '@soma/memory';

/** Runs a request; failures become the port's errors. The answer of the server is only in the cause. */
export async function qdrantErrors<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (cause) {
    if (cause instanceof SomaError) throw cause;
    const status = statusOf(cause);
    if (status === 404)
      throw new SomaError('index_unavailable', 'the index has no such collection', { cause });
    if (status !== undefined && [400, 409, 413, 422].includes(status)) {
      throw new SomaError('internal', `Qdrant refused a request with ${status}`, { cause });
    }
    throw new SomaError('index_unavailable', 'Qdrant does not answer', { cause });
  }
}

/** HTTP status of a failed request; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' ? status : undefined;
}
