import { clusterSettings } from '@soma/composition';
import { processSettings, redisSettings } from '@soma/service';
import { z } from 'zod';

/** All settings of the cache-invalidator. */
export const cacheInvalidatorSettings = z.object({
  ...processSettings('cache-invalidator'),
  ...clusterSettings,
  ...redisSettings,
});
