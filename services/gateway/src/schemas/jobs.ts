import { isNamespace } from '@soma/memory';
import { z } from 'zod';
import { oneJobAnswer } from './answers.js';
import { queryInteger } from './fields.js';

const PROJECTIONS = ['index', 'cache', 'graph'] as const;

/** Most memories, or links, of a sample. */
const MOST_SAMPLED = 10_000;
const MOST_LISTED = 200;

export const verifyBody = z.strictObject({
  projection: z.enum(PROJECTIONS),
  sample: z.int().min(1).max(MOST_SAMPLED).optional().meta({ description: 'So many at random; absent: all' }),
  namespace: z
    .string()
    .refine(isNamespace, 'is not a namespace')
    .optional()
    .meta({ description: 'Only of this one; absent: of all' }),
  repair: z.boolean().default(false).meta({ description: 'Mend what differs' }),
});

export const rebuildBody = z.strictObject({ projection: z.enum(PROJECTIONS) });

export const jobsQuery = z.strictObject({ limit: queryInteger(1, MOST_LISTED).default(50) });

export const jobsAnswer = z.looseObject({ jobs: z.array(oneJobAnswer.shape.job) });
