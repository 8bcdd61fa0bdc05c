import type { BatchVerdict, EventLog, LogRecord, RecordBatch } from '@soma/event-log';
import type { Topic } from '@soma/events';
import { fingerprintOf } from '@soma/events';
import type { Claim, DeadLetter, Ledger, ProgressMove } from '@soma/ledger';
import { isSomaError, type ErrorCode } from '@soma/memory';
import { type Backoff, backoffMs, type Logger } from '@soma/service';
import { publishDeadLetters } from './dead-letter-publisher.js';
import type { Handler } from './handler.js';
import type { WorkerMetrics } from './metrics.js';
import { kindOfFailure } from './permanent-codes.js';
import { deadLetterOf, requireAppended, sortRecords, type SortedRecords } from './sort-records.js';

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
}

/** A record that failed alone; `refusal` once its patience is used up. */
interface Suspect {
  position: number;
  since: number;
  attempts: number;
  refusal: { code: ErrorCode; unlisted: boolean } | undefined;
}

type ChunkVerdict = { verdict: 'done' | 'split' | 'halt' } | { verdict: 'retry'; delayMs: number };

/**
 * Works off one partition while it is ours. Never skips: a batch that fails is split until the culprit is alone;
 * what may pass is tried again for as long as it takes; what cannot is dead-lettered.
 */
export class PartitionRunner<T> {
  readonly #deps: PartitionDeps<T>;
  #position: number;
  #chunkSize = Number.POSITIVE_INFINITY;
  #attempt = 0;
  #suspect: Suspect | undefined;
  #unlistedInARow = 0;
  #haltedBy: string | undefined;
  #fingerprint: string | null;
  #lastTimestamp = Date.now();

  constructor(deps: PartitionDeps<T>) {
    this.#deps = deps;
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
    this.#count(sorted);
    if (sorted.refused.length > 0) await this.#announce(sorted.refused);
  }

  /** A record whose patience is used up is its own dead letter; every other chunk is decoded and triaged. */
  async #sort(chunk: LogRecord[]): Promise<SortedRecords<T>> {
    const { group, claim, decode, handler } = this.#deps;
    const record = chunk[0];
    const suspect = this.#suspect;
    if (record !== undefined && suspect?.position === record.position && suspect.refusal !== undefined) {
      // What can still be read of it names the operation that ends here.
      const value = await decode(record).catch(() => undefined);
      const place = { group, generation: claim.generation };
      const letter = deadLetterOf(
        record,
        place,
        suspect.refusal.code,
        'refused after its retries',
        suspect,
        value,
      );
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
      logger.warn(this.#place(), 'another process owns this partition now');
      return { verdict: 'halt' };
    }
    if (kind === 'transient') {
      const delayMs = backoffMs(this.#attempt, backoff);
      this.#attempt += 1;
      logger.warn({ ...this.#place(), code, attempt: this.#attempt, delayMs, err: error }, 'will try again');
      return { verdict: 'retry', delayMs };
    }
    if (chunk.length > 1) return { verdict: 'split' };
    return this.#suspectAlone(error, chunk[0], kind, code);
  }

  #suspectAlone(
    error: unknown,
    record: LogRecord | undefined,
    kind: 'permanent' | 'unlisted',
    code: ErrorCode,
  ): ChunkVerdict {
    if (record === undefined) throw new RangeError('an empty chunk cannot fail');
    const known = this.#suspect?.position === record.position ? this.#suspect : undefined;
    const suspect: Suspect = {
      position: record.position,
      since: known?.since ?? Date.now(),
      attempts: (known?.attempts ?? 0) + 1,
      refusal: undefined,
    };
    this.#suspect = suspect;
    const { logger, backoff, unlistedRetryMs } = this.#deps;
    const patience = kind === 'permanent' ? 0 : unlistedRetryMs;
    const about = {
      ...this.#place(),
      position: record.position,
      code,
      attempts: suspect.attempts,
      err: error,
    };
    if (Date.now() - suspect.since < patience) {
      logger.error(about, 'record fails for an unknown reason; it is tried alone');
      return { verdict: 'retry', delayMs: backoffMs(suspect.attempts, backoff) };
    }
    logger.error(about, 'record refused');
    suspect.refusal = { code, unlisted: kind === 'unlisted' };
    return { verdict: 'split' };
  }

  #noteSuccess(): void {
    this.#unlistedInARow = this.#suspect?.refusal?.unlisted === true ? this.#unlistedInARow + 1 : 0;
    this.#suspect = undefined;
    if (this.#unlistedInARow >= this.#deps.haltAfter) {
      this.halt(
        `${this.#unlistedInARow} records in a row failed for unknown reasons; look at the dead letters`,
      );
    }
  }

  /** memory.dlq is a copy of the ledger's rows; what fails here is sent later by the worker's periodic look. */
  async #announce(letters: DeadLetter[]): Promise<void> {
    const { log, ledger, group, topic, partition, logger } = this.#deps;
    for (const { code, position, message } of letters) {
      logger.error({ ...this.#place(), code, position }, `dead letter: ${message}`);
    }
    try {
      await publishDeadLetters({ log, ledger }, group, topic, partition);
    } catch (error) {
      logger.warn({ ...this.#place(), err: error }, 'dead letters are in Postgres, not yet in memory.dlq');
    }
  }

  #count(sorted: SortedRecords<T>): void {
    const { metrics, topic } = this.#deps;
    metrics.counted(topic, 'applied', sorted.toApply.length);
    metrics.counted(topic, 'skipped', sorted.skipped);
    metrics.counted(topic, 'redirected', sorted.redirects.length);
    metrics.counted(topic, 'dead_lettered', sorted.refused.length);
  }

  #place(): { topic: Topic; partition: number } {
    return { topic: this.#deps.topic, partition: this.#deps.partition };
  }
}
