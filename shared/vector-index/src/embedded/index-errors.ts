import { SomaError } from '@soma/memory';
import { withStoreErrors } from '@soma/postgres';

export function noCollection(): SomaError {
  return new SomaError('index_unavailable', 'the index has no such collection');
}

export function wrongDimension(what: string, dimension: number): SomaError {
  return new SomaError('invalid_configuration', `${what} is not of the ${dimension} dimensions of the index`);
}

/** To its callers the store of this index is the index. */
export async function indexErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await withStoreErrors(work);
  } catch (error) {
    if (!(error instanceof SomaError) || error.code !== 'store_unavailable') throw error;
    throw new SomaError('index_unavailable', 'the store of the embedded vector index does not answer', {
      cause: error,
    });
  }
}
