import kafkajs, { type Kafka, type LogEntry } from 'kafkajs';
import { answeringSockets } from './answering-socket.js';
import type { Logger } from '../log-options.js';
import type { KafkaLogConfig } from './config.js';

const { logLevel } = kafkajs;

/** Fields of kafkajs's log entries that hold neither payloads nor secrets. */
const LOGGED = ['groupId', 'broker', 'topic', 'partition', 'retryCount', 'error'] as const;

/** Beyond what kafkajs itself waits for an answer: 5 s more than the rebalance timeout to a join. Milliseconds. */
const SPARE_MS = 2_000;
const JOIN_MS = 5_000;

/** A kafkajs client; each cluster, consumer and admin that it makes has connections of its own. */
export function createClient(config: KafkaLogConfig): Kafka {
  const requestTimeout = config.requestTimeoutMs ?? 5_000;
  return new kafkajs.Kafka({
    brokers: config.brokers,
    clientId: config.clientId,
    ...(config.ssl === undefined ? {} : { ssl: config.ssl }),
    ...(config.sasl === undefined ? {} : { sasl: config.sasl }),
    socketFactory: answeringSockets({
      group: (config.rebalanceTimeoutMs ?? 15_000) + JOIN_MS + SPARE_MS,
      other: requestTimeout + SPARE_MS,
    }),
    connectionTimeout: 3_000,
    requestTimeout,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 },
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => {
      forward(config.logger, entry);
    },
  });
}

/** What kafkajs calls an error it mostly mends itself; what it cannot mend, refused requests among it, reaches the caller. */
function forward(logger: Logger, { level, namespace, log }: LogEntry): void {
  const fields: Record<string, unknown> = { kafkajs: namespace };
  for (const name of LOGGED)
    if (typeof log[name] !== 'object' && log[name] !== undefined) fields[name] = log[name];
  const loud = level <= logLevel.WARN && !log.message.startsWith('Response ');
  if (loud) logger.warn(fields, `kafkajs: ${log.message}`);
  else logger.debug(fields, `kafkajs: ${log.message}`);
}
