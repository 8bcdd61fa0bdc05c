import { RATE_CLASSES, ROLES } from '@soma/access';
import { isNamespace, isStorableText } from '@soma/memory';
import { z } from 'zod';
import { queryFlag, queryInteger, time } from './fields.js';

const MOST_NAMESPACES = 1_000;
const LONGEST_DESCRIPTION = 200;
const LONGEST_USER = 128;
const FASTEST = 10_000_000;
const LONGEST_TTL_SECONDS = 10 * 365 * 86_400;
const LONGEST_OVERLAP_SECONDS = 30 * 86_400;
const DAY_SECONDS = 86_400;

const ALL = '*';
const rate = z.int().min(1).max(FASTEST).optional();
const NOT_STORABLE = 'holds U+0000 or a lone surrogate';

export const newTokenBody = z
  .strictObject({
    description: z.string().min(1).max(LONGEST_DESCRIPTION).refine(isStorableText, NOT_STORABLE),
    role: z.enum(ROLES),
    namespaces: z
      .array(z.string().refine((name) => name === ALL || isNamespace(name), 'is not a namespace'))
      .min(1)
      .max(MOST_NAMESPACES)
      .refine((names) => !names.includes(ALL) || names.length === 1, '* stands alone')
      .meta({ description: 'Those that it may enter; ["*"]: all', examples: [['team-a']] }),
    user_id: z.string().min(1).max(LONGEST_USER).refine(isStorableText, NOT_STORABLE).optional().meta({
      description: 'It sees and changes the memories of this user alone, and writes none of another',
    }),
    rates: z
      .strictObject({ read: rate, write: rate, search: rate, admin: rate })
      .default({})
      .meta({ description: 'Requests a second by class, where they differ from the settings' }),
    expires_at: time.optional(),
    ttl_seconds: z.int().min(1).max(LONGEST_TTL_SECONDS).optional(),
  })
  .superRefine(({ expires_at, ttl_seconds }, context) => {
    if (expires_at === undefined || ttl_seconds === undefined) return;
    context.addIssue({
      code: 'custom',
      path: ['ttl_seconds'],
      message: 'says the same as expires_at; give one of them',
    });
  });

export type NewTokenBody = z.output<typeof newTokenBody>;

export const rotateBody = z.strictObject({
  overlap_seconds: z
    .int()
    .min(0)
    .max(LONGEST_OVERLAP_SECONDS)
    .default(DAY_SECONDS)
    .meta({ description: 'How long the former secret still opens' }),
});

export const tokensQuery = z.strictObject({
  ended: queryFlag.default(false).meta({ description: 'Revoked and expired ones too' }),
  limit: queryInteger(1, 200).default(50),
  cursor: z.string().max(200).optional(),
});

const moment = z.iso.datetime();

export const tokenShape = z.looseObject({
  token_id: z.uuid(),
  description: z.string(),
  role: z.enum(ROLES),
  namespaces: z.array(z.string()),
  user_id: z.string().nullable(),
  rates: z.partialRecord(z.enum(RATE_CLASSES), z.int()),
  expires_at: moment.nullable(),
  created_at: moment,
  created_by: z.string(),
  rotated_at: moment.nullable(),
  revoked_at: moment.nullable(),
  revoked_by: z.string().nullable(),
});

export const tokenAnswer = z.looseObject({ token: tokenShape });
export const newSecretAnswer = tokenAnswer.extend({
  secret: z.string().meta({ description: 'The bearer token. It is shown here and never again' }),
});
export const tokensAnswer = z.looseObject({
  tokens: z.array(tokenShape),
  next_cursor: z.string().nullable(),
});
