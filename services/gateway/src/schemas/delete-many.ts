import { z } from 'zod';
import { jsonObject, scope } from './fields.js';

/** Most memories of one deletion by filter: a longer one would keep those of other namespaces waiting. */
const MAX_MATCHED = 100_000;
const STANDARD_MATCHED = 10_000;

export const deleteManyBody = z.strictObject({
  filters: jsonObject.optional().meta({
    type: 'object',
    description:
      'Every $or branch must say what matches, unless all is true. Kept with the operation for 8 days',
  }),
  all: z.literal(true).optional().meta({ description: 'Means nearly everything, and means it' }),
  ...scope,
  at_most: z.int().min(0).max(MAX_MATCHED).default(STANDARD_MATCHED).meta({
    description: 'When more match, the answer is 409 too_many_matched and nothing is deleted',
  }),
  dry_run: z.boolean().default(false).meta({ description: 'Only count what matches' }),
  erase: z.boolean().default(false).meta({
    description:
      'History and the content of dead letters go too, also of expired memories. Wants the role admin',
  }),
});

export type DeleteManyBody = z.output<typeof deleteManyBody>;
