import { z } from 'zod';
import { queryInteger, time } from './fields.js';

const name = z.string().min(1).max(600);

export const auditQuery = z.strictObject({
  subject: name.optional().meta({ description: 'Who did it', examples: ['api-token'] }),
  action: name.optional().meta({ description: 'What was done, an operationId', examples: ['revokeToken'] }),
  since: time.optional(),
  limit: queryInteger(1, 500).default(100),
  cursor: z.string().max(200).optional(),
});

const moment = z.iso.datetime();

export const auditAnswer = z.looseObject({
  acts: z.array(
    z.looseObject({
      id: z.int(),
      at: moment,
      request_id: z.uuid(),
      subject: z.string(),
      action: z.string(),
      address: z.string(),
      namespace: z.string().nullable(),
      target: z.string().nullable(),
      status: z.int().nullable(),
      code: z.string().nullable(),
      finished_at: moment.nullable(),
    }),
  ),
  next_cursor: z.string().nullable(),
});
