import { startKafka, type RunningKafka } from './servers/kafka.js';
import { startOptional } from './servers/optional-server.js';
import { startPostgres, type RunningServer } from './servers/postgres.js';
import { startQdrantStandIn } from './servers/qdrant.js';
import { startRedis, type RunningRedis } from './servers/redis.js';

/** Starts the real servers that integration tests share and says where they are by SOMA_TEST_…_URL. */
export async function startTestServers(): Promise<{ stop(): Promise<void> }> {
  const [postgres, redis, kafka, qdrant] = await Promise.all([
    startPostgres(),
    startSharedRedis(),
    startSharedKafka(),
    startSharedQdrant(),
  ]);
  process.env['SOMA_TEST_POSTGRES_URL'] = postgres.url;
  return {
    stop: async () => {
      await Promise.all([postgres.stop(), redis?.stop(), kafka?.stop(), qdrant?.stop()]);
    },
  };
}

/** One that runs already may be named by SOMA_TEST_KAFKA_BROKERS. */
async function startSharedKafka(): Promise<RunningKafka | undefined> {
  if (process.env['SOMA_TEST_KAFKA_BROKERS'] !== undefined) return undefined;
  const kafka = await startOptional('kafka', 'java (or mvn, to fetch Kafka)', startKafka);
  if (kafka !== undefined) process.env['SOMA_TEST_KAFKA_BROKERS'] = kafka.brokers.join(',');
  return kafka;
}

/** One that runs already may be named by SOMA_TEST_REDIS_URL. */
async function startSharedRedis(): Promise<RunningRedis | undefined> {
  if (process.env['SOMA_TEST_REDIS_URL'] !== undefined) return undefined;
  const redis = await startOptional('redis', 'redis-server', startRedis);
  if (redis !== undefined) process.env['SOMA_TEST_REDIS_URL'] = redis.url;
  return redis;
}

/** A real Qdrant that runs already may be named by SOMA_QDRANT_URL; otherwise its stand-in. */
async function startSharedQdrant(): Promise<RunningServer | undefined> {
  const real = process.env['SOMA_QDRANT_URL'];
  const qdrant =
    real === undefined
      ? await startOptional('qdrant', 'python3 (or qdrant-client, from PyPI)', startQdrantStandIn)
      : undefined;
  const url = real ?? qdrant?.url;
  if (url !== undefined) process.env['SOMA_TEST_QDRANT_URL'] = url;
  return qdrant;
}
