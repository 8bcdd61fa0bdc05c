import {
  type Consumer,
  type EventLog,
  type LogRecord,
  type RecordBatch,
  type TopicPartition,
} from '@soma/event-log';
import type { Topic } from '@soma/events';
import type { Claim, Ledger } from '@soma/ledger';
import { SomaError } from '@soma/memory';
import { type Logger, probe, PROBE_TIMEOUT_MS, retryUntilDone, type Service } from '@soma/service';
import type { Registry } from 'prom-client';
import type { Handler } from './handler.js';
import { workerMetrics } from './metrics.js';
import { PartitionRunner } from './partition-runner.js';
import { lookAtPartitions } from './look-at-partitions.js';
import { isAnotherLog, proveStanding } from './prove-standing.js';
import { DEFAULT_TIMING, type WorkerTiming } from './timing.js';

export interface WorkerOptions<T> {
  /** Consumer group, and the worker's name in logs and metrics. */
  name: string;
  /** One handler for each topic the worker reads. */
  handlers: Partial<Record<Topic, Handler<T>>>;
  log: EventLog;
  ledger: Ledger;
  decode: (record: LogRecord) => Promise<T>;
  logger: Logger;
  registry: Registry;
  /** The consumer is dead; the process should end non-zero. */
  onCrash: (error: Error) => void;
  timing?: Partial<WorkerTiming>;
}

/** Longer than a group takes to hand out its partitions. */
const SPARE_AFTER_MS = 15_000;

/**
 * The only loop that consumes. It seeks where the ledger says, hands decoded records to the handler, tries again what
 * may pass, dead-letters what cannot, commits after the effect, and stops a partition whose log is not the one it knows.
 */
export function runWorker<T>(options: WorkerOptions<T>): Service {
  return new Worker(options);
}

class Worker<T> implements Service {
  readonly name: string;
  readonly #options: WorkerOptions<T>;
  readonly #timing: WorkerTiming;
  readonly #metrics;
  readonly #runners = new Map<string, PartitionRunner<T>>();
  /** Assigned partitions whose log is not the one they were read from: nothing is delivered until someone looks. */
  readonly #refused = new Set<string>();
  readonly #stopping = new AbortController();
  #consumer: Consumer | undefined;
  /** On the clock of performance.now(). */
  #consumingSince = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #starting: Promise<void> | undefined;

  constructor(options: WorkerOptions<T>) {
    this.name = options.name;
    this.#options = options;
    this.#timing = { ...DEFAULT_TIMING, ...options.timing };
    this.#metrics = workerMetrics(options.registry, options.name);
  }

  /** Returns at once; connecting goes on in the background until the log answers. */
  start(): Promise<void> {
    this.#starting = this.#connect().catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) this.#options.onCrash(error as Error);
    });
    return Promise.resolve();
  }

  async #connect(): Promise<void> {
    const { log, name, logger, onCrash, handlers } = this.#options;
    const subscription = {
      group: name,
      topics: Object.keys(handlers) as Topic[],
      onAssigned: (assigned: TopicPartition & { committed: number | undefined }) => this.#assigned(assigned),
      onRevoked: (revoked: TopicPartition) => {
        this.#runners.delete(placeKey(revoked));
        this.#refused.delete(placeKey(revoked));
        this.#metrics.forget(revoked.topic, revoked.partition);
      },
      onBatch: (batch: RecordBatch) => {
        const runner = this.#runners.get(placeKey(batch));
        return runner === undefined ? Promise.resolve({ next: 'halt' as const }) : runner.work(batch);
      },
      onCrash,
    };
    this.#consumer = await retryUntilDone(
      async () => {
        await log.start();
        return log.consume(subscription);
      },
      {
        signal: this.#stopping.signal,
        onFailure: (error, attempt) => {
          if (error instanceof SomaError && !error.retryable) throw error;
          logger.warn({ err: error, attempt }, 'the event log does not answer; will try again');
        },
      },
    );
    this.#consumingSince = performance.now();
    this.#scheduleLook();
    logger.info({ topics: subscription.topics }, 'consuming');
  }

  async #assigned(assigned: TopicPartition & { committed: number | undefined }): Promise<number> {
    const { name, ledger, logger, handlers } = this.#options;
    const { topic, partition, committed } = assigned;
    const handler = handlers[topic];
    if (handler === undefined) throw new RangeError(`no handler for ${topic}`);
    const claim = await ledger.claim(name, topic, partition);
    await this.#proveAtStart(topic, partition, claim);
    const runner = new PartitionRunner<T>({
      ...this.#options,
      ...this.#timing,
      group: name,
      topic,
      partition,
      claim,
      handler,
      metrics: this.#metrics,
    });
    await handler.assigned?.({ topic, partition, claim, committed });
    await runner.deadLetters.publish();
    this.#runners.set(placeKey(assigned), runner);
    logger.debug({ topic, partition, position: claim.position }, 'partition assigned');
    return claim.position + 1;
  }

  async #proveAtStart(topic: Topic, partition: number, claim: Claim): Promise<void> {
    const place = placeKey({ topic, partition });
    try {
      await proveStanding(this.#options.log, { topic, partition }, claim);
      this.#refused.delete(place);
    } catch (error) {
      if (isAnotherLog(error) && !this.#refused.has(place)) {
        this.#refused.add(place);
        this.#options.logger.error({ topic, partition }, `partition halted: ${error.message}`);
      }
      throw error;
    }
  }

  #scheduleLook(): void {
    this.#timer = setTimeout(() => {
      void this.#look().finally(() => {
        if (!this.#stopping.signal.aborted) this.#scheduleLook();
      });
    }, this.#timing.proofIntervalMs);
  }

  /** Every few seconds: is the log the same, how far behind are we, are there dead letters not yet in memory.dlq? */
  async #look(): Promise<void> {
    const lags = await this.#consumer?.lag().catch(() => []);
    for (const { topic, partition, lag } of lags ?? []) {
      const runner = this.#runners.get(placeKey({ topic, partition }));
      const age = runner === undefined || lag === 0 ? 0 : (Date.now() - runner.standing.lastTimestamp) / 1000;
      this.#metrics.lag(topic, partition, lag, age);
    }
    const assigned = (this.#consumer?.assigned() ?? []).flatMap((place) => {
      const runner = this.#runners.get(placeKey(place));
      return runner === undefined ? [] : [{ ...place, runner }];
    });
    const lost = await lookAtPartitions(assigned, this.#options);
    for (const place of lost) this.#consumer?.reassign(place);
    this.#metrics.halted(this.#haltedPartitions());
  }

  /** A member that is still without partitions after a while is a spare one, which is as ready as it can be. */
  #takesPart(): boolean {
    return this.#runners.size > 0 || performance.now() - this.#consumingSince > SPARE_AFTER_MS;
  }

  #haltedPartitions(): number {
    return this.#refused.size + [...this.#runners.values()].filter((runner) => runner.halted).length;
  }

  liveness(): boolean {
    return this.#consumer === undefined || this.#consumer.idleMs() < this.#timing.livenessMs;
  }

  async readiness(): Promise<Record<string, boolean>> {
    const { log, ledger } = this.#options;
    return {
      ...(await probe({ event_log: () => log.ping(PROBE_TIMEOUT_MS), store: () => ledger.ping() })),
      consuming: this.#takesPart(),
      partitions: this.#haltedPartitions() === 0,
    };
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#starting;
    await this.#consumer?.stop();
  }
}

function placeKey({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
