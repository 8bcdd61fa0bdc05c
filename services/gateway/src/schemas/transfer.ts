import { z } from 'zod';
import { queryFilters, queryInteger, scope } from './fields.js';
import { cursor, tag } from './listing.js';

const count = z.int().min(0);

export const exportQuery = z.strictObject({
  ...scope,
  tag,
  filters: queryFilters,
  cursor: cursor.meta({ description: 'The last next_cursor of an export that was cut, of the same query' }),
});

export const importQuery = z.strictObject({
  first_line: queryInteger(1, Number.MAX_SAFE_INTEGER)
    .default(1)
    .meta({ description: 'Lines before it are passed over: an import goes on where another was cut' }),
});

export const importAnswer = z.looseObject({
  lines: count.meta({ description: 'Lines read' }),
  stored: count,
  accepted: count.meta({
    description: 'Taken, and not yet known how they end; the token tells when they are',
  }),
  failed: count,
  errors: z
    .array(
      z.looseObject({
        line: z.int().min(1),
        coord: z.string().nullable(),
        code: z.string(),
        detail: z.string(),
      }),
    )
    .meta({ description: 'The first hundred lines that failed' }),
});
