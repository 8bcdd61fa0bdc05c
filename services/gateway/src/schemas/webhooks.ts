import { isStorableText } from '@soma/memory';
import { STOP_REASONS, WEBHOOK_EVENTS } from '@soma/webhook-store';
import { z } from 'zod';
import { jsonObject, queryInteger, scope, time } from './fields.js';

const LONGEST_URL = 2_048;
const LONGEST_DESCRIPTION = 200;
const LONGEST_OVERLAP_SECONDS = 30 * 86_400;
const DAY_SECONDS = 86_400;

const NOT_STORABLE = 'holds U+0000 or a lone surrogate';

const receiver = z
  .string()
  .max(LONGEST_URL)
  .superRefine((text, context) => {
    const problem = problemOfUrl(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  })
  .meta({
    description:
      'Where messages are sent to: https, or http where the operator allows the network. Its address is checked at each delivery',
    examples: ['https://agents.example.com/memories'],
  });

const description = z.string().max(LONGEST_DESCRIPTION).refine(isStorableText, NOT_STORABLE);
const events = z
  .array(z.enum(WEBHOOK_EVENTS))
  .min(1)
  .max(WEBHOOK_EVENTS.length)
  .transform((names) => [...new Set(names)]);

export const newWebhookBody = z.strictObject({
  url: receiver,
  description: description.default(''),
  events: events.default([...WEBHOOK_EVENTS]),
  ...scope,
  filters: jsonObject
    .optional()
    .meta({ type: 'object', description: 'What a memory has to pass to be told of' }),
  since: time.optional().meta({ description: 'Also what changed since then; absent: from now on' }),
});

export const webhookChangeBody = z
  .strictObject({
    url: receiver.optional(),
    description: description.optional(),
    events: events.optional(),
    paused: z.boolean().optional().meta({
      description: 'true: nothing is told until it is false, and then what changed meanwhile is',
    }),
    from: time.optional().meta({ description: 'Goes on with what changed at this time or later' }),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'changes nothing');

export const webhookRotateBody = z.strictObject({
  overlap_seconds: z
    .int()
    .min(0)
    .max(LONGEST_OVERLAP_SECONDS)
    .default(DAY_SECONDS)
    .meta({ description: 'How long messages are signed with the former secret too' }),
});

export const webhooksQuery = z.strictObject({
  limit: queryInteger(1, 200).default(50),
  cursor: z.string().max(200).optional(),
});

export const deliveriesQuery = webhooksQuery.extend({
  state: z.enum(['waiting', 'given_up']).default('given_up'),
});

export const retryBody = z.strictObject({
  operation_id: z.uuid().optional().meta({ description: 'Of one delivery; absent: all that were given up' }),
});

const moment = z.iso.datetime();
const optionalMoment = moment.nullable();

const webhookShape = z.looseObject({
  webhook_id: z.uuid(),
  namespace: z.string(),
  url: z.string(),
  description: z.string(),
  events: z.array(z.enum(WEBHOOK_EVENTS)),
  asked: z.looseObject({}).meta({ description: 'What narrows it, as it was asked for' }),
  created_at: moment,
  created_by: z.string(),
  updated_at: moment,
  stopped_because: z.enum(STOP_REASONS).nullable().meta({
    description:
      'null: it is told. paused: by an admin. gone: the receiver answered 410. failing: nothing arrived for 5 days. cursor_expired: what it had not taken in is no longer kept',
  }),
  delivered: z.int().min(0),
  last_delivered_at: optionalMoment,
  failing_since: optionalMoment,
  last_failure: z.string().nullable(),
});

const deliveryShape = z.looseObject({
  operation_id: z.uuid().meta({ description: 'Of the write; the webhook-id of the message' }),
  event: z.enum(WEBHOOK_EVENTS),
  coord: z.string(),
  version: z.int().min(1),
  at: moment,
  attempts: z.int().min(0),
  last_failure: z.string().nullable(),
  next_attempt_at: optionalMoment,
  given_up_at: optionalMoment,
});

export const webhookAnswer = z.looseObject({ webhook: webhookShape });
export const webhookStateAnswer = z.looseObject({
  webhook: webhookShape.extend({ waiting: z.int().min(0), given_up: z.int().min(0) }),
});
export const webhookSecretAnswer = webhookAnswer.extend({
  secret: z.string().meta({ description: 'What messages are signed with. It is shown here and never again' }),
});
export const webhooksAnswer = z.looseObject({
  webhooks: z.array(webhookStateAnswer.shape.webhook),
  next_cursor: z.string().nullable(),
});
export const deliveriesAnswer = z.looseObject({
  deliveries: z.array(deliveryShape),
  next_cursor: z.string().nullable(),
});
export const retryAnswer = z.looseObject({ retried: z.int().min(0) });
export const removedAnswer = z.looseObject({ deleted: z.literal(true) });

/** What is wrong with the form of a receiver's URL; undefined: nothing. */
function problemOfUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return 'is not a URL';
  const { protocol, username, password, hash } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return 'must begin with https:// or http://';
  if (username !== '' || password !== '') return 'must not hold a user or a password';
  return hash === '' ? undefined : 'must not have a fragment';
}
