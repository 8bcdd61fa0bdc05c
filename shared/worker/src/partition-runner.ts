import type { BatchVerdict, EventLog, LogRecord, RecordBatch } from '@soma/event-log';
import type { Topic } from '@soma/events';
import { fingerprintOf } from '@soma/events';
import type { Claim, DeadLetter, Ledger, ProgressMove } from '@soma/ledger';
import { isSomaError, type ErrorCode } from '@soma/memory';
import { type Backoff, backoffMs, type Logger } from '@soma/service';
import { DeadLetterPublisher } from './dead-letter-publisher.js';
import type { Handler } from './handler.js';
import type { WorkerMetrics } from './metrics.js';
import { kindOfFailure } from './permanent-codes.js';
import { deadLetterOf, requireAppended, sortRecords, type SortedRecords } from './sort-records.js';
import { Suspicion } from './suspicion.js';

export interface PartitionDeps<T> {
  group: string;
  topic: Topic;
  partition: number;
  claim: Claim;
  log: EventLog;
  ledger: Ledger;
  decode: (record: LogRecord) => Promise<T>;
  handler: Handler<T>;
  logger: Logger;
  metrics: WorkerMetrics;
  backoff: Backoff;
  /** How long a record that fails for an unlisted reason is tried alone, milliseconds. */
  unlistedRetryMs: number;
  /** Unlisted dead letters in a row that halt the partition. */
  haltAfter: number;
  /** Before a partition whose claim no longer holds is claimed anew, milliseconds. */
  reassignMs: number;
}

type ChunkVerdict =
  { verdict: 'done' | 'split' | 'halt' | 'reassign' } | { verdict: 'retry'; delayMs: number };

/**
 * Works off one partition while it is ours. Never skips: a batch that fails is split until the culprit is alone;
 * what may pass is tried again for as long as it takes; what cannot is dead-lettered.
 */
export class PartitionRunner<T> {
  readonly deadLetters: DeadLetterPublisher;
  readonly #deps: PartitionDeps<T>;
  readonly #suspicion: Suspicion;
  #position: number;
  #chunkSize = Number.POSITIVE_INFINITY;
  #attempt = 0;
  #haltedBy: string | undefined;
  #fingerprint: string | null;
  #lastTimestamp = Date.now();

  constructor(deps: PartitionDeps<T>) {
    this.#deps = deps;
    this.deadLetters = new DeadLetterPublisher(deps);
    this.#suspicion = new Suspicion(deps.unlistedRetryMs);
    this.#position = deps.claim.position;
    this.#fingerprint = deps.claim.fingerprint;
  }

  /** Last position worked off and what was there: what the proof of the log looks at. */
  get standing(): { position: number; fingerprint: string | null; lastTimestamp: number } {
    return { position: this.#position, fingerprint: this.#fingerprint, lastTimestamp: this.#lastTimestamp };
  }

  get halted(): boolean {
    return this.#haltedBy !== undefined;
  }

  /** The log generation that the claim is of. */
  get generation(): number {
    return this.#deps.claim.generation;
  }

  halt(reason: string): void {
    if (this.#haltedBy === undefined)
      this.#deps.logger.error({ ...this.#place() }, `partition halted: ${reason}`);
    this.#haltedBy = reason;
  }

  async work(batch: RecordBatch): Promise<BatchVerdict> {
    let rest = batch.records.filter((record) => record.position > this.#position);
    while (rest.length > 0) {
      if (this.#haltedBy !== undefined) return { next: 'halt' };
      if (batch.signal.aborted) break;
      const chunk = rest.slice(0, Math.min(rest.length, this.#chunkSize));
      const result = await this.#workChunk(chunk, batch);
      switch (result.verdict) {
        case 'done':
          rest = rest.slice(chunk.length);
          this.#chunkSize *= 2;
          break;
        case 'split':
          this.#chunkSize = Math.ceil(chunk.length / 2);
          break;
        case 'retry':
          return { next: 'retry', position: this.#position + 1, delayMs: result.delayMs };
        case 'halt':
          return { next: 'halt' };
        case 'reassign':
          return { next: 'reassign', delayMs: this.#deps.reassignMs };
      }
    }
    return { next: 'advance', position: this.#position + 1 };
  }

  async #workChunk(chunk: LogRecord[], batch: RecordBatch): Promise<ChunkVerdict> {
    try {
      await batch.heartbeat();
    } catch {
      return { verdict: 'retry', delayMs: 0 };
    }
    try {
      await this.#attemptChunk(chunk, batch);
      return this.#haltedBy === undefined ? { verdict: 'done' } : { verdict: 'halt' };
    } catch (error) {
      return this.#judge(error, chunk);
    }
  }

  async #attemptChunk(chunk: LogRecord[], batch: RecordBatch): Promise<void> {
    const { topic, handler, metrics, log } = this.#deps;
    const sorted = await this.#sort(chunk);
    if (sorted.redirects.length > 0) {
      requireAppended(
        await log.append(
          sorted.redirects.map(({ record, key }) => ({
            topic,
            key,
            value: record.value,
            headers: record.headers,
          })),
        ),
      );
    }
    const move = this.#moveOver(chunk, sorted);
    const began = performance.now();
    await handler.apply({
      topic,
      partition: batch.partition,
      records: sorted.toApply,
      move,
      signal: batch.signal,
      heartbeat: () => batch.heartbeat(),
    });
    metrics.batch(topic, chunk.length, (performance.now() - began) / 1000);
    this.#position = move.position;
    this.#fingerprint = move.fingerprint;
    this.#lastTimestamp = chunk.at(-1)?.timestamp ?? this.#lastTimestamp;
    this.#attempt = 0;
    this.#noteSuccess();
    metrics.sorted(topic, sorted);
    if (sorted.refused.length > 0) await this.#announce(sorted.refused);
  }

  /** A record whose patience is used up is its own dead letter; every other chunk is decoded and triaged. */
  async #sort(chunk: LogRecord[]): Promise<SortedRecords<T>> {
    const { group, claim, decode, handler } = this.#deps;
    const record = chunk[0];
    const refused = this.#suspicion.refusalOf(record?.position);
    if (record !== undefined && refused !== undefined) {
      // What can still be read of it names the operation that ends here.
      const value = await decode(record).catch(() => undefined);
      const place = { group, generation: claim.generation };
      const letter = deadLetterOf(record, place, refused.code, 'refused after its retries', refused, value);
      return { toApply: [], redirects: [], refused: [letter], skipped: 0, commandPosition: null };
    }
    return sortRecords(chunk, {
      group,
      generation: claim.generation,
      decode,
      triage: (one) => handler.triage(one),
    });
  }

  #moveOver(chunk: LogRecord[], sorted: SortedRecords<T>): ProgressMove {
    const { group, topic, partition, claim } = this.#deps;
    const last = chunk.at(-1);
    if (last === undefined) throw new RangeError('an empty chunk has no effect');
    return {
      group,
      topic,
      partition,
      generation: claim.generation,
      epoch: claim.epoch,
      after: this.#position,
      position: last.position,
      fingerprint: fingerprintOf(last),
      command_position: sorted.commandPosition,
      dead_letters: sorted.refused,
    };
  }

  #judge(error: unknown, chunk: LogRecord[]): ChunkVerdict {
    const { topic, metrics, logger, backoff } = this.#deps;
    const kind = kindOfFailure(error);
    const code: ErrorCode = isSomaError(error) ? error.code : 'internal';
    metrics.failed(topic, code);
    if (kind === 'lost') {
      // A process that only slept hears meanwhile that the group went on without it, and claims nothing.
      logger.warn({ ...this.#place(), code, err: error }, 'the claim on this partition no longer holds');
      return { verdict: 'reassign' };
    }
    if (kind === 'transient') {
      const delayMs = backoffMs(this.#attempt, backoff);
      this.#attempt += 1;
      logger.warn({ ...this.#place(), code, attempt: this.#attempt, delayMs, err: error }, 'will try again');
      return { verdict: 'retry', delayMs };
    }
    const position = chunk[0]?.position;
    if (chunk.length > 1 || position === undefined) return { verdict: 'split' };
    const { refused, attempts } = this.#suspicion.blame(position, kind, code);
    const about = { ...this.#place(), position, code, attempts, err: error };
    if (refused) {
      logger.error(about, 'record refused');
      return { verdict: 'split' };
    }
    logger.error(about, 'record fails for an unknown reason; it is tried alone');
    return { verdict: 'retry', delayMs: backoffMs(attempts, backoff) };
  }

  #noteSuccess(): void {
    const givenUp = this.#suspicion.clear();
    if (givenUp >= this.#deps.haltAfter) {
      this.halt(`${givenUp} records in a row failed for unknown reasons; look at the dead letters`);
    }
  }

  /** memory.dlq is a copy of the ledger's rows; what fails here is sent later by the worker's periodic look. */
  async #announce(letters: DeadLetter[]): Promise<void> {
    const { logger } = this.#deps;
    for (const { code, position, message } of letters) {
      logger.error({ ...this.#place(), code, position }, `dead letter: ${message}`);
    }
    try {
      await this.deadLetters.publish();
    } catch (error) {
      logger.warn({ ...this.#place(), err: error }, 'dead letters are in Postgres, not yet in memory.dlq');
    }
  }

  #place(): { topic: Topic; partition: number } {
    return { topic: this.#deps.topic, partition: this.#deps.partition };
  }
}
