import {
  startKafka,
  startRedis,
  startSchemaRegistry,
  type KafkaOptions,
  type RunningKafka,
  type RunningRedis,
  type RunningServer,
} from '@soma/testing';
import { startMigratedPostgres, type RestartablePostgres } from './postgres.js';

/** The stores of a cluster, as local processes. */
export interface Stores {
  kafka: RunningKafka;
  postgres: RestartablePostgres;
  redis: RunningRedis;
  schemaRegistry: RunningServer;
  stop(): Promise<void>;
}

export interface StoresOptions {
  /** Settings of Postgres; by default what is fast and forgets at a power loss. */
  postgresSettings?: Record<string, string>;
  /** Default a temporary one. */
  postgresFolder?: string;
  kafka?: KafkaOptions;
}

/** All of them at once, Postgres migrated. */
export async function startStores(options: StoresOptions = {}): Promise<Stores> {
  const { postgresSettings: settings = { fsync: 'off', synchronous_commit: 'off' }, postgresFolder } =
    options;
  const folder = postgresFolder === undefined ? {} : { folder: postgresFolder };
  const starting = [
    startKafka(options.kafka),
    startMigratedPostgres({ settings, ...folder }),
    startRedis(),
    startSchemaRegistry(),
  ] as const;
  const [kafka, postgres, redis, schemaRegistry] = await Promise.all(starting).catch(
    async (error: unknown) => {
      await stopAll(starting);
      throw error;
    },
  );
  return {
    kafka,
    postgres,
    redis,
    schemaRegistry,
    stop: async () => {
      await Promise.all([kafka.stop(), postgres.stop(), redis.stop(), schemaRegistry.stop()]);
    },
  };
}

/** When one does not start, the others do not stay. */
async function stopAll(starting: readonly Promise<{ stop(): Promise<void> }>[]): Promise<void> {
  const settled = await Promise.allSettled(starting);
  await Promise.all(settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value.stop()] : [])));
}
