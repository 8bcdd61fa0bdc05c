import { Redis } from 'ioredis';
import kafkajs, { type Admin } from 'kafkajs';
import pg from 'pg';

/** Rows of one statement over a connection of its own, so that an outage in between does no harm. */
export async function sqlOn<Row extends object>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export async function withKafkaAdmin<T>(
  brokers: readonly string[],
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const { Kafka, logLevel } = kafkajs;
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId: 'fault-suite',
    logLevel: logLevel.NOTHING,
    // A broker that stands still is given up soon, and another asked.
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    retry: { retries: 3 },
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

export async function redisCommandOn(url: string, name: string, args: string[]): Promise<unknown> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: () => 200 });
  redis.on('error', () => undefined);
  try {
    return await redis.call(name, ...args);
  } finally {
    redis.disconnect();
  }
}

/** By what the service publishes of itself: to ask the route might do what it does. */
export async function routeExists(url: string, method: string, path: string): Promise<boolean> {
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  return paths[path]?.[method.toLowerCase()] !== undefined;
}
