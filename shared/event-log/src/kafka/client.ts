import kafkajs, { type Kafka, type LogEntry, type Mechanism, type SASLOptions } from 'kafkajs';
import type { Logger } from '../log-options.js';
import { BrokerSockets } from './broker-sockets.js';
import type { KafkaLogConfig } from './config.js';
import { oauthMechanism } from './oauth-mechanism.js';

const { logLevel } = kafkajs;

/** Fields of kafkajs's log entries that hold neither payloads nor secrets. */
const LOGGED = ['groupId', 'broker', 'topic', 'partition', 'retryCount', 'error'] as const;

/** kafkajs's client, and the connections that whatever it makes opens. */
export interface Client {
  kafka: Kafka;
  sockets: BrokerSockets;
}

const REQUEST_TIMEOUT_MS = 5_000;

/** A kafkajs client; each cluster, consumer and admin that it makes has connections of its own. */
export function createClient(config: KafkaLogConfig): Client {
  const requestTimeout = config.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const sockets = new BrokerSockets(requestTimeout);
  const kafka = new kafkajs.Kafka({
    brokers: config.brokers,
    clientId: config.clientId,
    ...(config.ssl === undefined ? {} : { ssl: config.ssl }),
    ...(config.sasl === undefined ? {} : { sasl: loginOf(config.sasl) }),
    connectionTimeout: 3_000,
    requestTimeout,
    socketFactory: sockets.open,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 },
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => {
      forward(config.logger, entry);
    },
  });
  return { kafka, sockets };
}

function loginOf(login: NonNullable<KafkaLogConfig['sasl']>): SASLOptions | Mechanism {
  return login.mechanism === 'oauthbearer' ? oauthMechanism(login) : login;
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
