import type { OpenGeneration } from '@soma/index-generations';
import type { VectorIndex } from '@soma/vector-index';

/** Makes the collection of a generation when it is missing. */
export function ensure(
  { collection: name, model, dimension }: Pick<OpenGeneration, 'collection' | 'model' | 'dimension'>,
  index: Pick<VectorIndex, 'ensureCollection'>,
): Promise<void> {
  return index.ensureCollection({ name, model, dimension });
}
