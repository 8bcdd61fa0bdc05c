import type { Embedder } from '@soma/embedder';

/** The first collection of an embedder; later ones are named after it. */
export function collectionOf({ model, dimension }: Pick<Embedder, 'model' | 'dimension'>): string {
  return `memories-${model.replace(/[^A-Za-z0-9_.-]+/g, '-')}-${dimension}`;
}
