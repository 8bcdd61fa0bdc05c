import { z } from 'zod';
import {
  coord,
  halfLife,
  jsonObject,
  queryFilters,
  queryFlag,
  queryInteger,
  queryNumber,
  scope,
  time,
} from './fields.js';
import { listingSchemas } from './listing.js';

/** A search asks for at most this many candidates: offset and top_k together. */
const MAX_DEPTH_OF_RESULTS = 1_000;
const MODES = ['hybrid', 'dense', 'keyword'] as const;

const featureWeight = z.number().min(0).max(10);
const MAX_CONTEXT = 5;

/** As many as JSON counts exactly, in whole digits. */
const MOST_VERSIONS = 999_999_999_999_999;

export const noQuery = z.strictObject({});

/** Which past of a memory is meant; neither: what it is now. */
export const pastQuery = z
  .strictObject({
    version: queryInteger(1, MOST_VERSIONS).optional(),
    as_of: time.optional().meta({ description: 'As it was then; the future is now' }),
  })
  .refine(({ version, as_of }) => version === undefined || as_of === undefined, {
    path: ['as_of'],
    message: 'version and as_of exclude each other',
  });

export type ReadSchemas = ReturnType<typeof readSchemas>;

/** Schemas of reads, searches and walks. */
export function readSchemas({ maxItems, maxQueryBytes }: { maxItems: number; maxQueryBytes: number }) {
  const query = z
    .string()
    .refine(
      (text) => Buffer.byteLength(text) <= maxQueryBytes,
      `Too big: expected at most ${maxQueryBytes} bytes`,
    )
    .meta({ maxLength: maxQueryBytes });
  return {
    ...listingSchemas({ maxItems }),
    get: z.strictObject({ coords: z.array(coord).max(maxItems) }),
    search: z
      .strictObject({
        query,
        top_k: z.int().min(1).max(100).default(5),
        offset: z.int().min(0).max(MAX_DEPTH_OF_RESULTS).default(0),
        mode: z.enum(MODES).default('hybrid'),
        ...scope,
        filters: jsonObject.optional().meta({ type: 'object' }),
        min_similarity: z.number().min(0).max(1).optional(),
        context: z.int().min(0).max(MAX_CONTEXT).default(0),
        recency: z.strictObject({ half_life: halfLife, weight: featureWeight }).optional(),
        importance_weight: featureWeight.default(0),
        explain: z.boolean().default(false),
      })
      .superRefine(checkDepth),
    searchQuery: z
      .strictObject({
        query,
        top_k: queryInteger(1, 100).default(5),
        offset: queryInteger(0, MAX_DEPTH_OF_RESULTS).default(0),
        mode: z.enum(MODES).default('hybrid'),
        ...scope,
        filters: queryFilters,
        min_similarity: queryNumber(0, 1).optional(),
        context: queryInteger(0, MAX_CONTEXT).default(0),
        importance_weight: queryNumber(0, 10).default(0),
        explain: queryFlag.default(false),
      })
      .superRefine(checkDepth),
    neighbors: z.strictObject({
      coord,
      type: z.string().min(1).max(128).optional(),
      direction: z.enum(['out', 'in', 'both']).default('out'),
      depth: queryInteger(1, 4).default(1),
      limit: queryInteger(1, 500).default(50),
    }),
    path: z.strictObject({
      from_coord: coord,
      to_coord: coord,
      type: z.string().min(1).max(128).optional(),
      max_depth: queryInteger(1, 10).default(6),
    }),
  };
}

export type SearchBody = z.output<ReadSchemas['search']>;

function checkDepth(request: { top_k: number; offset: number }, context: z.RefinementCtx): void {
  if (request.top_k + request.offset <= MAX_DEPTH_OF_RESULTS) return;
  context.addIssue({
    code: 'custom',
    path: ['offset'],
    message: `offset and top_k together may be at most ${MAX_DEPTH_OF_RESULTS}`,
  });
}
