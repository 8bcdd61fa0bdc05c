import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { SomaError } from '@soma/memory';
import { parseRedisUrl, type RedisTarget } from './redis-url.js';

export interface RedisConfig {
  /** See parseRedisUrl for the forms; holds the password, never logged. */
  url: string;
  /** First part of every key and channel; installations that share a Redis need different ones. Default `soma`. */
  prefix?: string;
  /** Milliseconds until a call gives up. Default 250. */
  commandTimeoutMs?: number;
  /** Hears each failure of a connection, without commands or secrets in it. */
  onError?: (error: Error) => void;
  /** Hears of each call that begins (1) and ends (-1); must be cheap and must not throw. */
  onCall?: (change: 1 | -1) => void;
}

export type RedisClient = Redis | Cluster;

export const DEFAULT_PREFIX = 'soma';
const DEFAULT_COMMAND_TIMEOUT_MS = 250;
/** A connection that owes an answer this many command timeouts is cut and made anew. */
const SOCKET_TIMEOUT_FACTOR = 4;
/** Calls under way at a time; more means that Redis or this process is drowning. */
const MAX_PENDING_CALLS = 10_000;

/**
 * One connection (to a Cluster: one per node) that fails fast: nothing is queued while Redis is out, a call ends
 * within the command timeout, and no command is ever sent a second time by itself.
 */
export class RedisConnection {
  readonly client: RedisClient;
  readonly prefix: string;
  readonly #timeoutMs: number;
  /** Settles when the first attempt to connect has an outcome, so that a call right after the start may succeed. */
  readonly #attempted: Promise<void>;
  readonly #onCall: (change: 1 | -1) => void;
  #pending = 0;

  constructor(config: RedisConfig) {
    this.prefix = config.prefix ?? DEFAULT_PREFIX;
    this.#timeoutMs = config.commandTimeoutMs ?? DEFAULT_COMMAND_TIMEOUT_MS;
    this.#onCall = config.onCall ?? (() => undefined);
    this.client = connect(parseRedisUrl(config.url), this.#timeoutMs);
    this.client.on('error', (error: unknown) => config.onError?.(withoutArguments(error)));
    this.#attempted = new Promise((resolve) => {
      for (const event of ['ready', 'error', 'close', 'end'])
        this.client.once(event, () => {
          resolve();
        });
    });
  }

  get ready(): boolean {
    return this.client.status === 'ready';
  }

  /** @throws cache_unavailable for every failure. */
  async run<T>(work: (client: RedisClient) => Promise<T>): Promise<T> {
    if (!this.ready) await this.#within(this.#attempted).catch(() => undefined);
    if (!this.ready) throw unavailable(new Error('not connected'));
    if (this.#pending >= MAX_PENDING_CALLS) throw unavailable(new Error('too many calls under way'));
    this.#pending += 1;
    this.#onCall(1);
    try {
      return await this.#within(work(this.client));
    } catch (error) {
      throw unavailable(withoutArguments(error));
    } finally {
      this.#pending -= 1;
      this.#onCall(-1);
    }
  }

  /** Every master answers. */
  async ping(): Promise<void> {
    await this.run((client) => {
      const nodes = client instanceof Cluster ? client.nodes('master') : [client];
      return Promise.all(nodes.map((node) => node.ping()));
    });
  }

  /** Lets commands under way finish within the timeout. */
  async close(): Promise<void> {
    await this.#within(this.client.quit()).catch(() => undefined);
    this.client.disconnect();
  }

  async #within<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`no answer within ${this.#timeoutMs} ms`));
      }, this.#timeoutMs);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function connect(target: RedisTarget, timeoutMs: number): RedisClient {
  const common = {
    connectTimeout: 2_000,
    socketTimeout: timeoutMs * SOCKET_TIMEOUT_FACTOR,
    // A command sent again after a reconnect could undo a newer one.
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    // After a failover behind one address the old connection leads to a replica.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    ...(target.username === undefined ? {} : { username: target.username }),
    ...(target.password === undefined ? {} : { password: target.password }),
    ...(target.tls ? { tls: {} } : {}),
  } satisfies RedisOptions;
  if (target.mode === 'cluster') {
    return new Cluster(target.nodes, {
      redisOptions: common,
      enableOfflineQueue: false,
      clusterRetryStrategy: reconnectDelay,
      clusterNodeRetryStrategy: reconnectDelay,
      slotsRefreshTimeout: 2_000,
    });
  }
  const single = { ...common, db: target.db, enableOfflineQueue: false, retryStrategy: reconnectDelay };
  if (target.mode === 'standalone') return new Redis({ ...single, ...target.address });
  return new Redis({
    ...single,
    sentinels: target.sentinels,
    name: target.master,
    sentinelRetryStrategy: reconnectDelay,
    enableTLSForSentinelMode: target.tls,
    ...(target.tls ? { sentinelTLS: {} } : {}),
    ...(target.sentinelPassword === undefined ? {} : { sentinelPassword: target.sentinelPassword }),
  });
}

/** 50 ms doubling up to 2 s, each between half and the whole of it, so that processes do not come back in step. */
function reconnectDelay(attempt: number): number {
  const ceiling = Math.min(50 * 2 ** Math.min(attempt, 10), 2_000);
  return ceiling / 2 + Math.random() * (ceiling / 2);
}

/**
 * Errors of ioredis carry the command with its arguments (payloads, the password of AUTH), and some replies quote
 * them: of a reply only its first word stays.
 */
export function withoutArguments(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('unknown failure');
  if (error.name !== 'ReplyError') return new Error(error.message);
  return new Error(`Redis replied ${/^[A-Z]+/.exec(error.message)?.[0] ?? 'an error'}`);
}

function unavailable(cause: Error): SomaError {
  return new SomaError('cache_unavailable', `Redis does not serve: ${cause.message}`, { cause });
}
