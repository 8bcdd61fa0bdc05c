import { isNamespace, type JsonObject } from '@soma/memory';
import { z } from 'zod';
import { coord, jsonObject } from './fields.js';

const namespace = z
  .string()
  .refine(isNamespace, 'expected a namespace')
  .meta({ pattern: '^[a-z0-9][a-z0-9_.-]{0,62}$', description: 'The only namespace that is touched' });

/** Most coords of one erasure, and what at_most is when it is not said. */
const MAX_COORDS = 10_000;
const MAX_MATCHED = 10_000_000;

const some = {
  namespace,
  coord: coord.optional(),
  coords: z.array(coord).min(1).max(MAX_COORDS).optional(),
  all: z.literal(true).optional(),
};

export const eraseBody = z
  .strictObject({
    ...some,
    filters: jsonObject.optional().meta({
      type: 'object',
      description: 'Every $or branch must say what matches. Kept with the job for 30 days',
    }),
    at_most: z.int().min(0).max(MAX_MATCHED).default(MAX_COORDS).meta({
      description: 'When more match, the job fails with too_many_matched and nothing is erased',
    }),
    dry_run: z.boolean().default(false).meta({ description: 'Only count what matches' }),
  })
  .superRefine(requireOneChoice);

export const eraseCheckBody = z.strictObject(some).superRefine(requireOneChoice);

export type EraseBody = z.output<typeof eraseBody>;
export type EraseCheckBody = z.output<typeof eraseCheckBody>;

interface Choice {
  coord?: string | undefined;
  coords?: string[] | undefined;
  filters?: JsonObject | undefined;
  all?: true | undefined;
}

function requireOneChoice({ coord, coords, filters, all }: Choice, context: z.RefinementCtx): void {
  const given = [coord, coords, filters, all].filter((choice) => choice !== undefined);
  if (given.length === 1) return;
  context.addIssue({ code: 'custom', message: 'say which memories: one of coord, coords, filters, all' });
}
