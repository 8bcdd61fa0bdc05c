import { clusterSettings } from '@soma/composition';
import {
  embedderSettings,
  integer,
  processSettings,
  qdrantSettings,
  requireEmbedderEndpoint,
  setting,
} from '@soma/service';
import { z } from 'zod';

export const reindexSettings = {
  SOMA_REINDEX_KEEP_DAYS: setting(integer({ min: 0, max: 365 }).default(7), {
    doc: 'Days for which a reindex keeps the former embedder for a rollback; 0: until soma reindex --finish.',
    example: '7',
  }),
};

/** Null: until the reindex is finished. */
export function keptForMs({
  SOMA_REINDEX_KEEP_DAYS: days,
}: {
  SOMA_REINDEX_KEEP_DAYS: number;
}): number | null {
  return days === 0 ? null : days * 86_400_000;
}

/** All settings of the indexer. */
export const indexerSettings = z
  .object({
    ...processSettings('indexer'),
    ...clusterSettings,
    ...qdrantSettings,
    ...embedderSettings,
    ...reindexSettings,
  })
  .superRefine(requireEmbedderEndpoint);
