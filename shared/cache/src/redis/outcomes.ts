import type { Operation } from '@soma/memory';
import { NO_OUTCOMES_METRICS, type OutcomesMetrics } from '../metrics.js';
import type { Outcomes } from '../port.js';
import { RedisConnection, withoutArguments, type RedisConfig } from './connection.js';

export interface RedisOutcomesConfig extends RedisConfig {
  metrics?: OutcomesMetrics;
}

/** Publications on their way at a time; beyond it news is dropped, and waiters ask the ledger. */
const MAX_PENDING_PUBLICATIONS = 1_000;
/** A name comes from a record's header, so from anyone. */
const MAX_NAME_LENGTH = 200;
/** How often the subscriber proves its connection, which otherwise only listens; milliseconds. */
const HEARTBEAT_MS = 5_000;

/** Outcomes over Redis pub/sub, on a channel per subscriber, `<prefix>:outcomes:<name>`. */
export function createRedisOutcomes(config: RedisOutcomesConfig): Outcomes {
  return new RedisOutcomes(config);
}

class RedisOutcomes implements Outcomes {
  readonly #config: RedisOutcomesConfig;
  readonly #metrics: OutcomesMetrics;
  readonly #publisher: RedisConnection;
  readonly #pending = new Set<Promise<void>>();
  readonly #subscriptions = new Set<{ close(): Promise<void> }>();

  constructor(config: RedisOutcomesConfig) {
    this.#config = config;
    this.#metrics = config.metrics ?? NO_OUTCOMES_METRICS;
    this.#publisher = new RedisConnection(config);
  }

  publish(replyTo: string, operations: Operation[]): Promise<void> {
    if (operations.length === 0) return Promise.resolve();
    if (!isName(replyTo) || this.#pending.size >= MAX_PENDING_PUBLICATIONS) {
      this.#metrics.dropped(operations.length);
      return Promise.resolve();
    }
    const publication = this.#publisher
      .run((client) => client.publish(channelOf(this.#publisher.prefix, replyTo), JSON.stringify(operations)))
      .then(
        () => undefined,
        () => {
          this.#metrics.dropped(operations.length);
        },
      )
      .finally(() => this.#pending.delete(publication));
    this.#pending.add(publication);
    // The caller's effect is done; it does not wait for the news of it.
    return Promise.resolve();
  }

  async subscribe(
    name: string,
    listener: (operations: Operation[]) => void,
  ): Promise<{ close(): Promise<void> }> {
    const redis = new RedisConnection(this.#config);
    const channel = channelOf(redis.prefix, name);
    redis.client.on('message', (from: string, message: string) => {
      if (from === channel) this.#deliver(message, listener);
    });
    // A failure is not the caller's: the next connection or the next beat subscribes again.
    const listen = () =>
      redis
        .run((client) => client.subscribe(channel))
        .catch((error: unknown) => {
          this.#report(error);
        });
    redis.client.on('ready', () => void listen());
    // Repeating SUBSCRIBE also proves a connection that otherwise only listens.
    const heartbeat = setInterval(() => void listen(), HEARTBEAT_MS);
    const subscription = {
      close: async () => {
        clearInterval(heartbeat);
        this.#subscriptions.delete(subscription);
        await redis.close();
      },
    };
    this.#subscriptions.add(subscription);
    await listen();
    return subscription;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map((subscription) => subscription.close()));
    await Promise.all(this.#pending);
    await this.#publisher.close();
  }

  #deliver(message: string, listener: (operations: Operation[]) => void): void {
    const operations = parseOperations(message);
    if (operations === undefined) {
      this.#metrics.dropped(1);
      return;
    }
    try {
      listener(operations);
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    this.#config.onError?.(withoutArguments(error));
  }
}

function isName(name: string): boolean {
  return name.length > 0 && name.length <= MAX_NAME_LENGTH;
}

function channelOf(prefix: string, name: string): string {
  return `${prefix}:outcomes:${name}`;
}

/** Undefined for what is no list of operations: the channel is open to whoever may publish in this Redis. */
function parseOperations(message: string): Operation[] | undefined {
  try {
    const value: unknown = JSON.parse(message);
    return Array.isArray(value) && value.every(isOperation) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isOperation(value: unknown): value is Operation {
  return typeof value === 'object' && value !== null && 'operation_id' in value && 'status' in value;
}
