import { z } from 'zod';
import { memoryAnswer } from './answers.js';
import { queryFilters, queryInteger, scope, time } from './fields.js';

const MOST = 50;

export const eventsQuery = z.strictObject({
  ...scope,
  filters: queryFilters,
  after: z.string().optional().meta({
    description: 'id of an event, or next of a page: what came behind it. Last-Event-ID goes before it',
  }),
  since: time.optional().meta({ description: 'What changed at this time or later' }),
  limit: queryInteger(1, MOST).default(MOST).meta({ description: 'Of a page' }),
});

export const eventAnswer = z.looseObject({
  id: z.string(),
  event: z.enum(['memory.stored', 'memory.deleted']),
  data: z.looseObject({
    coord: z.string(),
    version: z.int().min(1),
    memory: memoryAnswer.nullable().meta({ description: 'Null of a deletion' }),
    operation_id: z.uuid(),
    at: z.iso.datetime(),
  }),
});

export const eventsAnswer = z.looseObject({
  events: z.array(eventAnswer),
  next: z.string().meta({ description: 'after of the next page, also when this one is empty' }),
});
