import { z } from 'zod';
import { kafkaSecuritySettings } from './kafka-security-settings.js';
import { choice, flag, integer, list, port, text, url } from './setting-types.js';
import { setting } from './setting.js';
import { LOG_FORMATS, LOG_LEVELS } from './logger.js';

/*
 * Settings that several processes have in common, in groups that a service spreads into its own schema:
 * z.object({ ...processSettings('writer'), ...postgresSettings, SOMA_…: setting(…) }).
 */

/** Where each process serves /healthz, /readyz and /metrics unless told otherwise; apart, so that all fit on one machine. */
export const OPS_PORTS = {
  standalone: 40030,
  gateway: 40030,
  query: 40031,
  writer: 40032,
  indexer: 40033,
  graph: 40034,
  'cache-invalidator': 40035,
  webhooks: 40036,
} as const;

export const logSettings = {
  SOMA_LOG_LEVEL: setting(choice(LOG_LEVELS).default('info'), {
    doc: `How much is logged: ${LOG_LEVELS.join(', ')}.`,
    example: 'debug',
  }),
  SOMA_LOG_FORMAT: setting(choice(LOG_FORMATS).default('json'), {
    doc: 'json: one object a line, for machines. text: for people.',
    example: 'text',
  }),
};

export const shutdownSettings = {
  SOMA_SHUTDOWN_GRACE: setting(integer({ min: 1, max: 3_600 }).default(25), {
    doc: 'Seconds that a stop by SIGTERM may take before the process ends with 1. Keep it below what the supervisor allows (Kubernetes: 30).',
    example: '25',
  }),
};

/** What every process has. */
export function processSettings(process: keyof typeof OPS_PORTS) {
  return {
    ...logSettings,
    ...shutdownSettings,
    SOMA_OPS_HOST: setting(text().default('127.0.0.1'), {
      doc: 'Address of the ops port (/healthz, /readyz, /metrics). It has no limits and no token: open it (0.0.0.0) only inside a private network.',
      example: '0.0.0.0',
    }),
    SOMA_OPS_PORT: setting(port().default(OPS_PORTS[process]), {
      doc: 'Port of /healthz, /readyz and /metrics.',
      example: String(OPS_PORTS[process]),
    }),
  };
}

export const queryUrlSettings = {
  SOMA_QUERY_URL: setting(url(['http', 'https']).default('http://127.0.0.1:40026'), {
    doc: 'Where the query service listens.',
    example: 'http://query:40026',
  }),
};

export const postgresSettings = {
  SOMA_POSTGRES_URL: setting(url(['postgres', 'postgresql']), {
    doc: 'The Postgres that holds the truth.',
    example: 'postgres://soma:<password>@localhost:40021/soma',
    secret: true,
  }),
  SOMA_POSTGRES_CONNECTIONS: setting(integer({ min: 2, max: 500 }).default(10), {
    doc: 'Most connections that this process opens to Postgres. All processes together stay below its max_connections.',
    example: '20',
  }),
};

export const partitionSettings = {
  SOMA_PARTITIONS: setting(integer({ min: 1, max: 1_024 }).default(24), {
    doc: 'Partitions of each topic: the most writers that can share the work. Settable before first use only; equal in all processes.',
    example: '24',
  }),
};

export const kafkaSettings = {
  ...partitionSettings,
  SOMA_KAFKA_BROKERS: setting(
    list().refine(
      (brokers) => brokers.length > 0 && brokers.every(isHostAndPort),
      'must list brokers as host:port',
    ),
    {
      doc: 'Kafka brokers to ask first, comma-separated host:port. Give several, so that one that is out does not matter.',
      example: 'kafka-1:9092,kafka-2:9092',
    },
  ),
  SOMA_KAFKA_TOPIC_PREFIX: setting(
    z
      .string()
      .regex(/^[A-Za-z0-9._-]{0,60}$/, 'may have letters, digits, dots, _ and -, at most 60')
      .default(''),
    {
      doc: 'Stands before the name of every topic, so that installations can share a Kafka. Outside producers use the whole names.',
      example: 'staging.',
    },
  ),
  SOMA_KAFKA_GROUP_PREFIX: setting(
    z
      .string()
      .regex(/^[A-Za-z0-9._-]{0,60}$/, 'may have letters, digits, dots, _ and -, at most 60')
      .optional(),
    {
      doc: 'Stands before the name of every consumer group. Without it that of topics. Another prefix means other groups, which begin anew.',
      example: 'staging.',
    },
  ),
  ...kafkaSecuritySettings,
  SOMA_KAFKA_SINGLE_BROKER: setting(flag().default(false), {
    doc: 'Makes topics with one replica, for a Kafka of one broker. Not safe against power loss: acknowledged writes may be lost.',
    example: '1',
  }),
};

function isHostAndPort(broker: string): boolean {
  return /^[^\s:/]+:\d{1,5}$/.test(broker) || /^\[[0-9A-Fa-f:]+\]:\d{1,5}$/.test(broker);
}

export const schemaRegistrySettings = {
  SOMA_SCHEMA_REGISTRY_URL: setting(url(['http', 'https']).optional(), {
    doc: 'A schema registry that speaks the Confluent REST API. Without it schema ids come from the list in schemas/.',
    example: 'http://localhost:40025',
    secret: true,
  }),
};

export const redisSettings = {
  SOMA_REDIS_URL: setting(url(['redis', 'rediss']), {
    doc: 'The Redis of cache, rate limits and outcomes. While it is out, everything is slower and nothing is wrong.',
    example: 'redis://localhost:40022',
    secret: true,
  }),
};

/** Without a default: the secret that gateway and query share. */
export const internalTokenSettings = {
  SOMA_INTERNAL_TOKEN: setting(text().min(16, 'must have at least 16 characters'), {
    doc: 'What the gateway shows the query service; equal in both. Anyone who has it reads every namespace.',
    example: '<output of: openssl rand -hex 32>',
    secret: true,
  }),
};
