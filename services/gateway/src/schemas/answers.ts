import { JOB_STATES } from '@soma/jobs';
import { MEMORY_TYPES, OPERATION_STATUSES } from '@soma/memory';
import { z } from 'zod';

/*
 * Shapes of answers, for the OpenAPI document; callers ignore fields they do not know. That answers have these
 * shapes is tested.
 */

const time = z.iso.datetime();
/** Whole and exact in a double. */
const count = z.int().min(0);
const optionalTime = time.nullable();
const payload = z.looseObject({});
const faultPlace = {
  pointer: z.string().optional(),
  parameter: z.string().optional(),
  header: z.string().optional(),
};

export const memoryAnswer = z.looseObject({
  coord: z.string(),
  coordinate: z.array(z.number()).nullable(),
  namespace: z.string(),
  memory_type: z.enum(MEMORY_TYPES),
  payload,
  text: z.string(),
  user_id: z.string().nullable(),
  agent_id: z.string().nullable(),
  thread_id: z.string().nullable(),
  actor: z.string().nullable(),
  tags: z.array(z.string()),
  importance: z.number(),
  version: count,
  occurred_at: optionalTime,
  expires_at: optionalTime,
  created_at: time,
  updated_at: time,
});

export const oneMemoryAnswer = z.looseObject({ memory: memoryAnswer });
export const memoriesAnswer = z.looseObject({ memories: z.array(memoryAnswer.nullable()) });

export const writeResult = z.looseObject({
  coord: z.string(),
  namespace: z.string(),
  memory_type: z.string().nullable(),
  ok: z.literal(true),
  status: z.enum(['accepted', 'stored', 'indexed']),
  version: count.nullable(),
  operation_id: z.uuid(),
  deleted: z.boolean().optional(),
});

/** Topic → when its last records of what was erased are gone. */
const logCleanBy = z.record(z.string(), time);
export const eraseResult = writeResult.extend({ log_clean_by: logCleanBy.optional() });

export const linkResult = writeResult.extend({
  from_coord: z.string(),
  to_coord: z.string(),
  type: z.string(),
});

export const rejectedResult = z.looseObject({
  coord: z.string().nullable(),
  ok: z.literal(false),
  status: z.literal('rejected'),
  error: z.looseObject({ code: z.string(), detail: z.string() }),
});

export const batchAnswer = z.looseObject({ results: z.array(z.union([writeResult, rejectedResult])) });

export const searchAnswer = z.looseObject({
  memories: z.array(
    memoryAnswer.extend({
      score: z.number(),
      similarity: z.number().nullable(),
      context: z.array(memoryAnswer).optional(),
      explain: z
        .record(z.string(), z.looseObject({ value: z.number(), contribution: z.number() }))
        .optional(),
    }),
  ),
  degraded: z.boolean(),
  degraded_reasons: z.array(z.string()),
  took_ms: z.number(),
});

export const linkAnswer = z.looseObject({
  from_coord: z.string(),
  to_coord: z.string(),
  type: z.string(),
  weight: z.number(),
  properties: payload,
  version: count,
  created_at: time,
  updated_at: time,
});

export const graphAnswer = z.looseObject({
  nodes: z.array(memoryAnswer.extend({ depth: count })),
  links: z.array(linkAnswer),
});
export const pathAnswer = graphAnswer.extend({ cost: z.number() });

export const operationAnswer = z.looseObject({
  operation_id: z.uuid(),
  status: z.enum(OPERATION_STATUSES),
  coord: z.string().nullable(),
  version: count.nullable(),
  deleted: z.union([z.boolean(), count]).optional().meta({
    description: 'Of one deletion: was there something? Of a deletion by filter: how many so far',
  }),
  matched: count
    .nullable()
    .optional()
    .meta({ description: 'Of a deletion by filter; null until it is known' }),
  spared: count.optional().meta({ description: 'Of a deletion by filter: written after they had matched' }),
  dry_run: z.boolean().optional(),
  log_clean_by: logCleanBy.optional(),
  error: z.looseObject({ code: z.string(), detail: z.string() }).optional(),
  accepted_at: optionalTime,
  finished_at: optionalTime,
});

export const problemAnswer = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: count,
  detail: z.string(),
  code: z.string(),
  instance: z.string(),
  errors: z.array(z.looseObject({ ...faultPlace, detail: z.string() })).optional(),
});

export const oneJobAnswer = z.looseObject({
  job: z.looseObject({
    job_id: z.uuid(),
    kind: z.string(),
    state: z.enum(JOB_STATES),
    request: payload,
    done: count,
    total: count.nullable(),
    result: payload.nullable(),
    error: z.looseObject({ code: z.string(), detail: z.string() }).nullable(),
    created_at: time,
    started_at: optionalTime,
    finished_at: optionalTime,
  }),
});

export const generationAnswer = z.looseObject({ generation: count });
export const rootAnswer = z.looseObject({ name: z.string(), documentation: z.string(), openapi: z.string() });
export const pingAnswer = z.looseObject({ ping: z.literal('pong') });
export const aliveAnswer = z.looseObject({ status: z.literal('alive') });
export const readyAnswer = z.looseObject({
  ready: z.boolean(),
  dependencies: z.record(z.string(), z.boolean()),
});
export const statsAnswer = z.looseObject({
  memories: count,
  by_type: z.looseObject({ episodic: count, semantic: count }),
  namespaces: count,
  links: count,
  indexed: count,
});
