import type { EventLog, NewRecord } from '@soma/event-log';
import { TOPICS, type Topic } from '@soma/events';
import type { DeadLetter, Ledger } from '@soma/ledger';
import { requireAppended } from './sort-records.js';

const PAGE = 100;

/**
 * Copies dead letters from the ledger to memory.dlq with their original key, bytes and headers. The row comes first,
 * in the transaction that moves progress, so a crash here loses nothing: what is not marked is sent again.
 */
export async function publishDeadLetters(
  deps: { log: EventLog; ledger: Ledger },
  group: string,
  topic: Topic,
  partition: number,
): Promise<number> {
  let published = 0;
  for (;;) {
    const letters = await deps.ledger.unpublishedDeadLetters(group, topic, partition, PAGE);
    if (letters.length === 0) return published;
    const results = await deps.log.append(letters.map(recordOf));
    const sent = letters.filter((_, index) => results[index]?.ok === true);
    if (sent.length > 0) await deps.ledger.markPublished(sent);
    published += sent.length;
    requireAppended(results);
  }
}

function recordOf(letter: DeadLetter): NewRecord {
  return {
    topic: TOPICS.deadLetters,
    key: letter.key,
    value: letter.value,
    headers: {
      ...letter.headers,
      'dlq-position': `${letter.topic}/${letter.partition}/${letter.position}`,
      'dlq-generation': String(letter.generation),
      'dlq-group': letter.group,
      'dlq-code': letter.code,
      'dlq-message': letter.message,
      'dlq-attempts': String(letter.attempts),
      'dlq-first-failure': new Date(letter.first_failed_at).toISOString(),
    },
  };
}
