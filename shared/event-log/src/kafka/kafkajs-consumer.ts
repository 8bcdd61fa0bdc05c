import type { Subscription } from '../port.js';
import type { Consumer, Kafka } from 'kafkajs';

/** A fetch waits at most so long for something new. */
const MAX_WAIT_MS = 100;
const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;
/** Most that one broker sends at once, of all partitions together. */
const MAX_FETCH_BYTES = 16 * 1024 * 1024;

export interface MemberOptions {
  kafka: Kafka;
  subscription: Subscription;
  groupId: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
}

/** kafkajs's consumer with its settings; not connected yet. */
export function createConsumer(options: MemberOptions): Consumer {
  return options.kafka.consumer({
    groupId: options.groupId,
    sessionTimeout: options.sessionTimeoutMs,
    rebalanceTimeout: options.rebalanceTimeoutMs,
    // A member hears of a rebalance by its heartbeat.
    heartbeatInterval: Math.min(1_000, options.sessionTimeoutMs / 5),
    maxWaitTimeInMs: MAX_WAIT_MS,
    maxBytesPerPartition: options.subscription.maxBytes ?? DEFAULT_MAX_BYTES,
    maxBytes: MAX_FETCH_BYTES,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 },
  });
}
