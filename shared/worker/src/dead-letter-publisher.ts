import type { AppendResult, EventLog, NewRecord } from '@soma/event-log';
import { HEADERS, TOPICS, type RecordHeaders, type Topic } from '@soma/events';
import type { DeadLetter, Ledger } from '@soma/ledger';
import { requireAppended } from './sort-records.js';

const PAGE = 100;

/** Where the dead letters of one group in one partition come from and go to. */
export interface PublisherDeps {
  log: EventLog;
  ledger: Ledger;
  group: string;
  topic: Topic;
  partition: number;
}

/**
 * Copies dead letters from the ledger to memory.dlq with their original key, bytes and headers. The row comes first,
 * in the transaction that moves progress, so a crash here loses nothing: what is not marked is sent again.
 */
export class DeadLetterPublisher {
  readonly #deps: PublisherDeps;
  #publishing: Promise<void> = Promise.resolve();

  constructor(deps: PublisherDeps) {
    this.#deps = deps;
  }

  /** One after the other, or each call would send what the other is sending. */
  publish(): Promise<void> {
    const published = this.#publishing.then(() => this.#publishAll());
    this.#publishing = published.catch(() => undefined);
    return published;
  }

  async #publishAll(): Promise<void> {
    const { log, ledger, group, topic, partition } = this.#deps;
    for (;;) {
      const letters = await ledger.unpublishedDeadLetters(group, topic, partition, PAGE);
      if (letters.length === 0) return;
      const results = await appendLetters(log, letters);
      const sent = letters.filter((_, index) => results[index]?.ok === true);
      if (sent.length > 0) await ledger.markPublished(sent);
      requireAppended(results);
    }
  }
}

/** A record that is nearly as large as the log takes has no room for these headers: its copy says so and holds no more. */
async function appendLetters(log: EventLog, letters: DeadLetter[]): Promise<AppendResult[]> {
  const results = await log.append(letters.map(recordOf));
  return Promise.all(
    results.map(async (result, index) => {
      const letter = letters[index];
      if (result.ok || result.error.code !== 'record_too_large' || letter === undefined) return result;
      const [cut] = await log.append([cutRecordOf(letter)]);
      return cut ?? result;
    }),
  );
}

function recordOf(letter: DeadLetter): NewRecord {
  const { key, value, headers } = letter;
  return { topic: TOPICS.deadLetters, key, value, headers: { ...headers, ...reasonsOf(letter) } };
}

function cutRecordOf(letter: DeadLetter): NewRecord {
  const headers = { ...reasonsOf(letter), [HEADERS.deadLetterCut]: 'true' };
  return { topic: TOPICS.deadLetters, key: null, value: null, headers };
}

function reasonsOf(letter: DeadLetter): RecordHeaders {
  return {
    [HEADERS.deadLetterPosition]: `${letter.topic}/${letter.partition}/${letter.position}`,
    [HEADERS.deadLetterGeneration]: String(letter.generation),
    [HEADERS.deadLetterGroup]: letter.group,
    [HEADERS.deadLetterCode]: letter.code,
    [HEADERS.deadLetterMessage]: letter.message,
    [HEADERS.deadLetterAttempts]: String(letter.attempts),
    [HEADERS.deadLetterFirstFailure]: new Date(letter.first_failed_at).toISOString(),
  };
}
