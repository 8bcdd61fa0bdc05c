import { DEAD_LETTER_STATUSES } from '@soma/ledger';
import { z } from 'zod';
import { queryInteger } from './fields.js';

/** What one page holds at most. */
const MAX_PAGE = 200;

const filter = z.string().min(1).max(1_000).optional();

export const deadLettersQuery = z.strictObject({
  status: z.enum(DEAD_LETTER_STATUSES).optional(),
  group: filter.meta({ description: 'The consumer group that refused it' }),
  code: filter.meta({ description: 'Why it was refused' }),
  topic: filter,
  namespace: filter,
  limit: queryInteger(1, MAX_PAGE).default(50),
  cursor: z.string().max(1_024).optional().meta({ description: 'next_cursor of the page before' }),
});

export type DeadLettersQuery = z.output<typeof deadLettersQuery>;

export const redriveBody = z.strictObject({
  force: z.boolean().default(false).meta({
    description: 'Also when the memory has changed since, or the letter was redriven or discarded before',
  }),
});

const time = z.iso.datetime();
const count = z.int().min(0);

export const deadLetterEntry = z.looseObject({
  id: count,
  status: z.enum(DEAD_LETTER_STATUSES),
  group: z.string(),
  topic: z.string(),
  generation: count,
  partition: count,
  position: count,
  code: z.string(),
  message: z.string(),
  attempts: count,
  namespace: z.string().nullable(),
  coord: z.string().nullable(),
  command_id: z.string().nullable(),
  first_failed_at: time,
  recorded_at: time,
  changed_at: time.nullable(),
  changed_by: z.string().nullable(),
  redriven_to: z.looseObject({ generation: count, partition: count, position: count }).nullable(),
  erased_at: time.nullable(),
});

const current = z.looseObject({
  version: count,
  revision: count,
  deleted: z.boolean(),
  updated_at: time,
  newer: z.boolean(),
});

export const deadLettersAnswer = z.looseObject({
  dead_letters: z.array(deadLetterEntry),
  next_cursor: z.string().nullable(),
});

export const deadLetterAnswer = z.looseObject({
  dead_letter: deadLetterEntry.extend({
    key: z.string().nullable(),
    headers: z.record(z.string(), z.string()),
    value_base64: z.string().nullable(),
    record: z.looseObject({}).nullable(),
    decode_error: z.looseObject({ code: z.string(), detail: z.string() }).nullable(),
    current: current.nullable(),
  }),
});

export const discardedAnswer = z.looseObject({ dead_letter: deadLetterEntry });

export const redrivenAnswer = discardedAnswer.extend({
  operation_id: z.uuid().nullable(),
  current: current.nullable(),
});
