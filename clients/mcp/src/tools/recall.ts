import { z } from 'zod';
import { presentMemory, shownMemories } from '../present.js';
import type { Tool } from '../tool.js';

const input = {
  query: z.string().min(1).describe('What is wanted, as a question or as words: "which tea does Ada like"'),
  limit: z.number().int().min(1).max(50).optional().describe('Most memories; 10 unless told otherwise'),
  tag: z.string().optional().describe('Only memories that have this tag'),
  since: z.iso.datetime({ offset: true }).optional().describe('Only what happened at this time or later'),
  until: z.iso.datetime({ offset: true }).optional().describe('Only what happened before'),
  thread_id: z.string().optional().describe('Only of this conversation'),
  user_id: z.string().optional().describe('Whose memories, when not of the user this server is set up for'),
  context: z
    .number()
    .int()
    .min(0)
    .max(5)
    .optional()
    .describe('So many neighbours of each in its conversation too'),
};

export const recall: Tool<typeof input, typeof shownMemories> = {
  name: 'recall',
  title: 'Recall',
  description:
    'Find memories by meaning and words, best first. Call it before answering whatever earlier conversations may have ' +
    'told: preferences, names, decisions, what was done. Nothing found is an empty list. ' +
    'Example: {"query": "which tea does Ada like", "limit": 5}',
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  input,
  output: shownMemories,
  run: async (
    { query, limit, tag, since, until, thread_id, user_id, context },
    { memories, scope },
    signal,
  ) => {
    const conditions = [
      ...(tag === undefined ? [] : [{ tags: tag }]),
      ...(since === undefined ? [] : [{ occurred_at: { $gte: since } }]),
      ...(until === undefined ? [] : [{ occurred_at: { $lt: until } }]),
    ];
    const request = {
      query,
      top_k: limit ?? 10,
      user_id: user_id ?? scope.user_id,
      thread_id,
      context,
      filters: conditions.length === 0 ? undefined : { $and: conditions },
    };
    const { memories: found } = await memories.search(request, { signal });
    const shown = found.flatMap((hit) => {
      const beside = (hit['context'] ?? []) as (typeof hit)[];
      return [presentMemory(hit), ...beside.map((memory) => presentMemory(memory))];
    });
    const seen = new Set<string>();
    return { memories: shown.filter(({ coord }) => !seen.has(coord) && seen.add(coord)) };
  },
};
