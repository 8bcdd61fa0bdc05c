import { z } from 'zod';
import { queryInteger } from './fields.js';

const most = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

export const quotaBody = z
  .strictObject({
    memories: most.nullable().default(null).meta({ description: 'Null: any number' }),
    bytes: most
      .nullable()
      .default(null)
      .meta({ description: 'Of payloads and texts, UTF-8. Null: any number' }),
  })
  .refine(({ memories, bytes }) => memories !== null || bytes !== null, 'say memories, bytes, or both');

export const quotasQuery = z.strictObject({
  limit: queryInteger(1, 200).default(50),
  cursor: z.string().max(200).optional(),
});

const part = z.looseObject({ limit: z.int().nullable(), used: z.int() });
const quotaShape = z.looseObject({
  namespace: z.string(),
  memories: part,
  bytes: part,
  changed_at: z.iso.datetime().nullable(),
  changed_by: z.string().nullable(),
});

export const quotaAnswer = z.looseObject({ quota: quotaShape });
export const quotasAnswer = z.looseObject({
  quotas: z.array(quotaShape),
  next_cursor: z.string().nullable(),
});
