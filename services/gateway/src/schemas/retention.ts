import { RETENTION_REASONS } from '@soma/memory-store';
import { MAX_TTL_SECONDS } from '@soma/memory';
import { z } from 'zod';
import { halfLife, queryInteger } from './fields.js';

const MOST_LISTED = 200;
/** Beyond it counts are no longer exact in a double. */
const MOST_MEMORIES = 1_000_000_000_000;

export const retentionBody = z
  .strictObject({
    ttl_seconds: z.int().min(1).max(MAX_TTL_SECONDS).optional().meta({
      description: 'A memory goes that was last written longer ago',
    }),
    max_memories: z.int().min(0).max(MOST_MEMORIES).optional().meta({
      description: 'Of more, those with the lowest score go; without decay those written the longest ago',
    }),
    decay: z
      .strictObject({
        half_life: halfLife,
        min_score: z.number().min(0).max(1).meta({
          description:
            'A memory goes whose importance, halved with each half-life since it was written, is below',
        }),
        accesses: z.boolean().default(false).meta({
          description: 'What is read or found lasts longer; wants SOMA_ACCESS_COUNTS',
        }),
      })
      .optional(),
  })
  .superRefine((policy, context) => {
    if (Object.values(policy).some((value) => value !== undefined)) return;
    context.addIssue({ code: 'custom', message: 'say what goes: ttl_seconds, max_memories or decay' });
  });

export type RetentionBody = z.output<typeof retentionBody>;

export const retentionQuery = z.strictObject({
  limit: queryInteger(1, MOST_LISTED).default(50),
  cursor: z.string().max(200).optional(),
});

const time = z.iso.datetime();
const count = z.int().min(0);
const counts = z.looseObject(
  Object.fromEntries(RETENTION_REASONS.map((reason) => [reason, count])) as Record<
    (typeof RETENTION_REASONS)[number],
    typeof count
  >,
);

const keptPolicy = z.looseObject({
  namespace: z.string(),
  policy: z.looseObject({
    ttl_seconds: count.optional(),
    max_memories: count.optional(),
    decay: z.looseObject({ half_life: z.string(), min_score: z.number(), accesses: z.boolean() }).optional(),
  }),
  updated_at: time,
  updated_by: z.string(),
  due_at: time,
  last_run: z.looseObject({ at: time, deleted: count }).nullable(),
  deleted: counts,
});

export const onePolicyAnswer = z.looseObject({ retention: keptPolicy });
export const policiesAnswer = z.looseObject({
  retention: z.array(keptPolicy),
  next_cursor: z.string().nullable(),
});
export const removedAnswer = z.looseObject({ removed: z.boolean() });
