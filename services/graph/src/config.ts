import { clusterSettings } from '@soma/composition';
import { processSettings, redisSettings } from '@soma/service';
import { z } from 'zod';

/** All settings of the graph worker. */
export const graphSettings = z.object({ ...processSettings('graph'), ...clusterSettings, ...redisSettings });
