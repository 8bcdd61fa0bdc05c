import { clusterSettings } from '@soma/composition';
import { embedderSettings, processSettings, qdrantSettings, requireEmbedderEndpoint } from '@soma/service';
import { z } from 'zod';

/** All settings of the indexer. */
export const indexerSettings = z
  .object({
    ...processSettings('indexer'),
    ...clusterSettings,
    ...qdrantSettings,
    ...embedderSettings,
  })
  .superRefine(requireEmbedderEndpoint);
