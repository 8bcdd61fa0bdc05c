import { qdrantSettings, redisSettings, kafkaSettings, postgresSettings, schemaRegistrySettings } from '@soma/service';
import { z } from 'zod';

/** What every process of a cluster needs: the log, the registry, and Postgres for its ledger. */
export const clusterSettings = { ...kafkaSettings, ...schemaRegistrySettings, ...postgresSettings };

const core = z.object(clusterSettings);
export type ClusterSettings = z.output<typeof core>;

const redis = z.object(redisSettings);
export type RedisSettings = z.output<typeof redis>;

const index = z.object(qdrantSettings);
export type IndexSettings = z.output<typeof index>;
