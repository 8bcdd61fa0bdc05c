import type { Subscription } from '../port.js';
import type { Consumer } from 'kafkajs';
import type { Client } from './client.js';

/** A fetch waits at most so long for something new. */
const MAX_WAIT_MS = 100;
const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;
/** Most that one broker sends at once, of all partitions together. */
const MAX_FETCH_BYTES = 16 * 1024 * 1024;

export interface MemberOptions {
  client: Client;
  subscription: Subscription;
  groupId: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
}

/** kafkajs's consumer with its settings; not connected yet. */
export function createConsumer(options: MemberOptions): Consumer {
  const { kafka, sockets } = options.client;
  const consumer = kafka.consumer({
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
  sockets.watch(consumer);
  return consumer;
}

/** What a member of a group hears. */
interface MembershipListener {
  /** Something was fetched, answered or tried. */
  alive: () => void;
  rebalancing: () => void;
  /** Topic name → partitions; everything assigned before is no longer so. */
  assigned: (assignment: Record<string, number[]>) => void;
  /** The member is out. `restarts`: kafkajs joins again by itself. */
  crashed: (error: Error, restarts: boolean) => void;
}

export function followMembership(consumer: Consumer, listener: MembershipListener): void {
  const { events } = consumer;
  for (const event of [events.CONNECT, events.FETCH_START, events.FETCH, events.HEARTBEAT] as const) {
    consumer.on(event, listener.alive);
  }
  consumer.on(events.REBALANCING, () => {
    listener.alive();
    listener.rebalancing();
  });
  consumer.on(events.GROUP_JOIN, ({ payload }) => {
    listener.alive();
    listener.assigned(payload.memberAssignment);
  });
  consumer.on(events.CRASH, ({ payload: { error, restart } }) => {
    listener.alive();
    listener.crashed(error, restart);
  });
}
