import {
  kafkaSettings,
  postgresSettings,
  schemaRegistrySettings,
  type qdrantSettings,
  type redisSettings,
} from '@soma/service';
import type { z } from 'zod';

/** What every process of a cluster needs: the log, the registry, and Postgres for its ledger. */
export const clusterSettings = { ...kafkaSettings, ...schemaRegistrySettings, ...postgresSettings };

export type ClusterSettings = z.output<z.ZodObject<typeof clusterSettings>>;
export type RedisSettings = z.output<z.ZodObject<typeof redisSettings>>;
export type IndexSettings = z.output<z.ZodObject<typeof qdrantSettings>>;
