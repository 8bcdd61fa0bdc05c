import { clusterSettings } from '@soma/composition';
import { processSettings, redisSettings } from '@soma/service';
import { z } from 'zod';

/** All settings of the writer. */
export const writerSettings = z.object({
  ...processSettings('writer'),
  ...clusterSettings,
  ...redisSettings,
});
