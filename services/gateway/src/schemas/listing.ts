import { LIST_DIRECTIONS, LIST_ORDERS } from '@soma/memory';
import { z } from 'zod';
import { memoryAnswer } from './answers.js';
import { coord, jsonObject, queryFilters, queryInteger, scope, time } from './fields.js';

const DEFAULT_LIMIT = 50;

export const tag = z.string().max(64).optional().meta({ description: 'A tag that the memory has' });

export const cursor = z
  .string()
  .optional()
  .meta({ description: 'next_cursor of the page before, of the same query; limit may differ' });

/** Schemas of reads over a whole namespace. */
export function listingSchemas({ maxItems }: { maxItems: number }) {
  const limit = queryInteger(1, maxItems).default(Math.min(DEFAULT_LIMIT, maxItems));
  return {
    list: z.strictObject({
      ...scope,
      tag,
      filters: queryFilters,
      since: time.optional().meta({
        description: 'Of the time that orders, of created_at in the order of coord: at it or later',
      }),
      until_time: time.optional().meta({ description: 'Of the same time: before it' }),
      order: z.enum(LIST_ORDERS).default('created_at').meta({
        description:
          'A memory without occurred_at stands where it was created. Each keeps the place that it had when the first page was read',
      }),
      direction: z.enum(LIST_DIRECTIONS).default('asc'),
      limit,
      cursor,
    }),
    range: z.strictObject({
      min: coord.meta({ description: 'The least of each number, inside', examples: ['0,0'] }),
      max: coord.meta({ description: 'The greatest of each number, inside', examples: ['10,10'] }),
      limit,
      cursor,
    }),
    history: z.strictObject({ limit, cursor }),
    count: z.strictObject({ ...scope, tag, filters: jsonObject.optional().meta({ type: 'object' }) }),
  };
}

const next_cursor = z
  .string()
  .nullable()
  .meta({ description: 'Null at the end. A page before it may be short, even empty' });

export const pageAnswer = z.looseObject({ memories: z.array(memoryAnswer), next_cursor });
export const historyAnswer = z.looseObject({
  versions: z.array(
    z.looseObject({
      version: z.int().min(1),
      at: z.iso.datetime(),
      operation_id: z.uuid(),
      issuer: z.string().meta({ description: 'The subject of the token that sent it' }),
      deleted: z.boolean(),
      memory: memoryAnswer.nullable().meta({ description: 'Null of a deletion' }),
    }),
  ),
  next_cursor,
});
/** Names are short, so that many fit into one page. */
const MOST_NAMESPACES = 10_000;
export const namespacesQuery = z.strictObject({
  limit: queryInteger(1, MOST_NAMESPACES).default(1_000),
  cursor,
});
export const namespacesAnswer = z.looseObject({
  namespaces: z.array(z.looseObject({ namespace: z.string() })),
  next_cursor,
});
export const countAnswer = z.looseObject({ count: z.int().min(0) });
