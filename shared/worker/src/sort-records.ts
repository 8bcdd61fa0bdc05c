import type { AppendResult, LogRecord } from '@soma/event-log';
import { isSomaError, SomaError, type ErrorCode } from '@soma/memory';
import type { DeadLetter } from '@soma/ledger';
import type { Decoded, Outcome } from './handler.js';
import { kindOfFailure } from './permanent-codes.js';
import { whoseRecord } from './whose-record.js';

/** What a batch falls into before any effect is made. */
export interface SortedRecords<T> {
  toApply: Decoded<T>[];
  redirects: { record: LogRecord; key: string }[];
  refused: DeadLetter[];
  skipped: number;
  /** From the newest Progress record among them; null when there is none. */
  commandPosition: number | null;
}

export interface Sorting<T> {
  group: string;
  generation: number;
  decode: (record: LogRecord) => Promise<T>;
  triage: (decoded: Decoded<T>) => Outcome;
}

/** Decodes and triages each record. Rejects only for what may pass (a registry that is out). */
export async function sortRecords<T>(records: LogRecord[], sorting: Sorting<T>): Promise<SortedRecords<T>> {
  const sorted: SortedRecords<T> = {
    toApply: [],
    redirects: [],
    refused: [],
    skipped: 0,
    commandPosition: null,
  };
  for (const record of records) {
    const decoded = await decodeOne(record, sorting);
    if (decoded instanceof SomaError) {
      sorted.refused.push(deadLetterOf(record, sorting, decoded.code, decoded.message, firstTry()));
      continue;
    }
    sorted.commandPosition = commandPositionOf(decoded.value) ?? sorted.commandPosition;
    const outcome = sorting.triage(decoded);
    switch (outcome.outcome) {
      case 'apply':
        sorted.toApply.push(decoded);
        break;
      case 'skip':
        sorted.skipped += 1;
        break;
      case 'redirect':
        sorted.redirects.push({ record, key: outcome.key });
        break;
      case 'dead-letter':
        sorted.refused.push(
          deadLetterOf(record, sorting, outcome.code, outcome.message, firstTry(), decoded.value),
        );
        break;
    }
  }
  return sorted;
}

async function decodeOne<T>(record: LogRecord, sorting: Sorting<T>): Promise<Decoded<T> | SomaError> {
  try {
    return { record, value: await sorting.decode(record) };
  } catch (error) {
    if (isSomaError(error) && kindOfFailure(error) === 'permanent') return error;
    throw error;
  }
}

function commandPositionOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'Progress')
    return undefined;
  return (value as { command_position?: number }).command_position;
}

/** A refused record with its original bytes, and with what could be read of it. */
export function deadLetterOf(
  record: LogRecord,
  place: { group: string; generation: number },
  code: ErrorCode,
  message: string,
  tries: { attempts: number; since: number },
  value?: unknown,
): DeadLetter {
  return {
    group: place.group,
    topic: record.topic,
    generation: place.generation,
    partition: record.partition,
    position: record.position,
    key: record.key,
    value: record.value,
    headers: record.headers,
    code,
    message,
    attempts: tries.attempts,
    first_failed_at: tries.since,
    recorded_at: Date.now(),
    ...whoseRecord(record, value),
  };
}

function firstTry(): { attempts: number; since: number } {
  return { attempts: 1, since: Date.now() };
}

/** Throws when one of the records was not taken. */
export function requireAppended(results: AppendResult[]): void {
  for (const result of results) if (!result.ok) throw result.error;
}
