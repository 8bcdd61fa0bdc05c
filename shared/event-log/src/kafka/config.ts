import type { KafkaConfig, SASLOptions } from 'kafkajs';
import type { AppendObserver, BufferLimits, Logger } from '../log-options.js';
import type { OAuthLogin } from './oauth-token.js';

type PasswordLogin = Extract<SASLOptions, { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' }>;

export interface KafkaLogConfig {
  /** host:port of some brokers; the rest is found through them. */
  brokers: string[];
  /** Names this process in the brokers' logs and quotas. */
  clientId: string;
  /** Put before topic names, and before group names, so that several installations share one Kafka. */
  topicPrefix?: string;
  groupPrefix?: string;
  ssl?: KafkaConfig['ssl'];
  sasl?: PasswordLogin | OAuthLogin;
  /** Of each topic; cannot change once the topics exist. Default 24. */
  partitions?: number;
  /** One broker holds everything: replication 1 and min.insync.replicas 1. Not safe against the loss of that broker. */
  singleBroker?: boolean;
  /** Default 3, or 1 with `singleBroker`. */
  replication?: number;
  /** Default 2, or 1 with `singleBroker`. */
  minInsyncReplicas?: number;
  /** A consumer unheard of for so long loses its partitions, milliseconds. Default 10,000. */
  sessionTimeoutMs?: number;
  /** How long the others wait for a consumer when partitions are shared out anew, milliseconds. Default 15,000. */
  rebalanceTimeoutMs?: number;
  /** After so long without an answer a broker counts as out, milliseconds. Default 5000. */
  requestTimeoutMs?: number;
  buffer?: BufferLimits;
  observer?: AppendObserver;
  logger: Logger;
}
