import { TOPIC_OF } from './record-names.js';
import type { Topic } from './topics.js';

/** Names of the record headers; case counts. What they say of the sender is a claim, never an authority. */
export const HEADERS = {
  /** The command's id, readable where the record itself is not. */
  commandId: 'command-id',
  /** Short name of the record's schema, such as StoreMemory. */
  recordType: 'record-type',
  /** `application/json`: the value is JSON. Anything else, or nothing: Avro in the Confluent wire format. */
  contentType: 'content-type',
  /** W3C Trace Context. */
  traceparent: 'traceparent',
  /** Where a waiting gateway wants to hear the outcome. */
  replyTo: 'reply-to',
  /** Who the sender says it is. */
  issuer: 'issuer',
  /** The dead letter that this record replaces. */
  redriveOf: 'redrive-of',
  /** On memory.dlq, beside the headers that the record had: `<topic>/<partition>/<position>` of the original. */
  deadLetterPosition: 'dlq-position',
  /** Log generation of that position. */
  deadLetterGeneration: 'dlq-generation',
  /** The consumer group that refused it. */
  deadLetterGroup: 'dlq-group',
  /** Why: a code of docs/errors.md, and a sentence without content. */
  deadLetterCode: 'dlq-code',
  deadLetterMessage: 'dlq-message',
  /** How often it was tried. */
  deadLetterAttempts: 'dlq-attempts',
  /** RFC 3339, UTC. */
  deadLetterFirstFailure: 'dlq-first-failure',
  /** `true`: it was too large for these headers beside its own; key, value and headers are in Postgres alone. */
  deadLetterCut: 'dlq-cut',
} as const;

export const JSON_CONTENT_TYPE = 'application/json';

export type RecordHeaders = Record<string, string>;

/** The headers by which a gateway follows its commands; what is absent is left out. */
export function trackingHeaders(tracking: {
  traceparent?: string | undefined;
  replyTo?: string | undefined;
}): RecordHeaders {
  return {
    ...(tracking.traceparent === undefined ? {} : { [HEADERS.traceparent]: tracking.traceparent }),
    ...(tracking.replyTo === undefined ? {} : { [HEADERS.replyTo]: tracking.replyTo }),
  };
}

/** Parameters such as a charset are no matter: JSON is UTF-8 (RFC 8259 section 8.1). */
export function isJson(headers: RecordHeaders): boolean {
  const mediaType = headers[HEADERS.contentType]?.split(';', 1)[0];
  return mediaType?.trim().toLowerCase() === JSON_CONTENT_TYPE;
}

/** A position that outlives a topic made anew. */
export interface RecordPosition {
  topic: Topic;
  generation: number;
  partition: number;
  position: number;
}

export function redriveHeader({ topic, generation, partition, position }: RecordPosition): RecordHeaders {
  return { [HEADERS.redriveOf]: `${topic}/${generation}/${partition}/${position}` };
}

/** @returns undefined when the record is no redrive, or says so in another form. */
export function readRedriveHeader(headers: RecordHeaders): RecordPosition | undefined {
  const match = /^([a-z.]+)\/(\d{1,4})\/(\d{1,6})\/(\d{1,13})$/.exec(headers[HEADERS.redriveOf] ?? '');
  if (match === null) return undefined;
  const [, topic = '', generation, partition, position] = match;
  if (!isRecordTopic(topic)) return undefined;
  return { topic, generation: Number(generation), partition: Number(partition), position: Number(position) };
}

const RECORD_TOPICS: ReadonlySet<string> = new Set(Object.values(TOPIC_OF));

function isRecordTopic(topic: string): topic is Topic {
  return RECORD_TOPICS.has(topic);
}
