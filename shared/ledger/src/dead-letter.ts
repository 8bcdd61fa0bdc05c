import type { RecordPosition, Topic } from '@soma/events';
import type { ErrorCode } from '@soma/memory';

/** A record that was refused for good, with its original bytes. */
export interface DeadLetter {
  group: string;
  topic: Topic;
  generation: number;
  partition: number;
  position: number;
  key: string | null;
  value: Buffer | null;
  headers: Record<string, string>;
  code: ErrorCode;
  /** A sentence for operators; no payload in it. */
  message: string;
  attempts: number;
  /** Epoch milliseconds. */
  first_failed_at: number;
  recorded_at: number;
  /** Filled when the record could be read that far. */
  command_id: string | null;
  namespace: string | null;
  coord: string | null;
}

export const DEAD_LETTER_STATUSES = ['open', 'redriven', 'discarded'] as const;
export type DeadLetterStatus = (typeof DEAD_LETTER_STATUSES)[number];

/** A dead letter and what was done with it. */
export interface KeptDeadLetter extends DeadLetter {
  id: number;
  /** Canonical key of its memory, of a link that of the memory it leads from; null where that could not be read. */
  memory_key: string | null;
  status: DeadLetterStatus;
  /** When and by whom the status was changed; null while it is open. */
  changed_at: number | null;
  changed_by: string | null;
  /** Where the record stands that was produced again, on the letter's own topic. */
  redriven_to: Omit<RecordPosition, 'topic'> | null;
  /** When key, value and headers were erased together with the memory; null while they are there. */
  erased_at: number | null;
}

export type DeadLetterEntry = Omit<KeptDeadLetter, 'key' | 'value' | 'headers'>;

/** Null in a filter: all. */
export interface DeadLetterQuery {
  status: DeadLetterStatus | null;
  group: string | null;
  code: string | null;
  namespace: string | null;
  topic: string | null;
  /** Only those with a smaller id; null from the newest on. */
  before: number | null;
  limit: number;
}

export interface DeadLetterSettlement {
  id: number;
  /** Who did it. */
  by: string;
  /** Where the record was produced again; null when the letter is discarded. */
  redriven_to: Omit<RecordPosition, 'topic'> | null;
  force: boolean;
}
