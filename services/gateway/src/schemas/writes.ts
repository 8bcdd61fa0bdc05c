import { DEFAULT_ATTRIBUTES, MAX_TTL_SECONDS, MEMORY_TYPES, type Limits } from '@soma/memory';
import { z } from 'zod';
import { UNTIL } from '../submit.js';
import { coord, jsonObject, queryFlag, time } from './fields.js';

/** Schemas of the bodies of writes. Sizes are checked again by checkCommand; here they are what callers are told. */
export type WriteSchemas = ReturnType<typeof writeSchemas>;

export function writeSchemas(limits: Limits, maxItems: number) {
  const { attribute, tags, ttl, content, patchable } = fieldsOf(limits);
  const conditions = { if_version: z.int().min(1).optional(), if_absent: z.boolean().optional() };

  const memory = z.strictObject({ coord: coord.optional(), ...content }).superRefine(checkContent);
  const replacement = z.strictObject(content).superRefine(checkContent);
  const patch = z.strictObject(patchable).superRefine(checkExpiry);
  const put = z
    .strictObject({ op: z.literal('put'), coord: coord.optional(), ...content, ...conditions })
    .superRefine(checkContent);
  const patchOperation = z
    .strictObject({ op: z.literal('patch'), coord, ...patchable, ...conditions })
    .superRefine(checkExpiry);
  const remove = z.strictObject({ op: z.literal('delete'), coord, ...conditions });
  const operation = z.discriminatedUnion('op', [put, patchOperation, remove]);
  const message = z.strictObject({
    role: attribute.min(1),
    content: z.string(),
    name: attribute.min(1).optional(),
    occurred_at: time.optional(),
    coord: coord.optional(),
  });

  return {
    memory,
    replacement,
    patch,
    operation,
    /** Its items are judged one by one, so that a bad one spoils no other. */
    batch: z.strictObject({ operations: z.array(z.unknown()).min(1).max(maxItems) }),
    documentedBatch: z.strictObject({ operations: z.array(operation).min(1).max(maxItems) }),
    messages: z.strictObject({
      messages: z.array(message).min(1).max(maxItems),
      user_id: attribute.optional(),
      agent_id: attribute.optional(),
      thread_id: attribute.optional(),
      tags: tags.default([]),
      ttl_seconds: ttl.optional(),
    }),
    link: z.strictObject({
      from_coord: coord,
      to_coord: coord,
      type: attribute.min(1).default('related'),
      weight: z.number().positive().default(1),
      properties: jsonObject.default({}).meta({ type: 'object' }),
    }),
  };
}

/** The fields of a memory as stored whole (`content`) and as changed (`patchable`: null removes). */
function fieldsOf(limits: Limits) {
  const attribute = z.string().max(limits.attribute_length);
  const tags = z.array(z.string().max(limits.tag_length)).max(limits.tags);
  const ttl = z.int().min(1).max(MAX_TTL_SECONDS);
  const importance = z.number().min(0).max(1);
  const memoryType = z.enum(MEMORY_TYPES);

  const content = {
    payload: jsonObject.optional().meta({ type: 'object', description: 'May be absent when text is given' }),
    text: z.string().optional().meta({ description: 'What is embedded; absent: derived from the payload' }),
    memory_type: memoryType.default(DEFAULT_ATTRIBUTES.memory_type),
    user_id: attribute.optional(),
    agent_id: attribute.optional(),
    thread_id: attribute.optional(),
    actor: attribute.optional(),
    tags: tags.default([]),
    importance: importance.default(DEFAULT_ATTRIBUTES.importance),
    occurred_at: time.optional(),
    expires_at: time.optional(),
    ttl_seconds: ttl.optional(),
  };
  const patchable = {
    payload: jsonObject.nullish(),
    text: z.string().nullish(),
    memory_type: memoryType.nullish(),
    user_id: attribute.nullish(),
    agent_id: attribute.nullish(),
    thread_id: attribute.nullish(),
    actor: attribute.nullish(),
    tags: tags.nullish(),
    importance: importance.nullish(),
    occurred_at: time.nullish(),
    expires_at: time.nullish(),
    ttl_seconds: ttl.nullish(),
  };
  return { attribute, tags, ttl, content, patchable };
}

export type MemoryBody = z.output<WriteSchemas['memory']>;
export type ReplacementBody = z.output<WriteSchemas['replacement']>;
export type PatchBody = z.output<WriteSchemas['patch']>;
export type BatchOperation = z.output<WriteSchemas['operation']>;
export type MessagesBody = z.output<WriteSchemas['messages']>;

/** What every write takes in its query. */
export const writeQuery = z.strictObject({
  until: z.enum(UNTIL).default('stored').meta({ description: 'What the answer waits for' }),
});

export const deleteQuery = writeQuery.extend({
  erase: queryFlag.default(false).meta({
    description: 'History and the content of dead letters go too; log_clean_by says when the topics let go',
  }),
});

interface Content {
  payload?: unknown;
  text?: unknown;
  expires_at?: unknown;
  ttl_seconds?: unknown;
}

function checkContent(content: Content, context: z.RefinementCtx): void {
  if (content.payload === undefined && content.text === undefined) {
    context.addIssue({ code: 'custom', path: ['payload'], message: 'is needed when there is no text' });
  }
  checkExpiry(content, context);
}

function checkExpiry({ expires_at, ttl_seconds }: Content, context: z.RefinementCtx): void {
  const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
  if (!isGiven(expires_at) || !isGiven(ttl_seconds)) return;
  context.addIssue({
    code: 'custom',
    path: ['ttl_seconds'],
    message: 'says the same as expires_at; give one of them',
  });
}
