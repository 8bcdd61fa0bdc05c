import { z } from 'zod';
import { presentMemory, shownMemories } from '../present.js';
import type { Tool } from '../tool.js';

const input = {
  since: z.iso.datetime({ offset: true }).optional().describe('From this time on'),
  until: z.iso.datetime({ offset: true }).optional().describe('Before this time'),
  order: z.enum(['newest', 'oldest']).optional().describe('Which come first; newest unless told otherwise'),
  thread_id: z.string().optional().describe('Only of this conversation'),
  tag: z.string().optional().describe('Only memories that have this tag'),
  user_id: z.string().optional().describe('Whose, when not of the user this server is set up for'),
  limit: z.number().int().min(1).max(100).optional().describe('20 unless told otherwise'),
  cursor: z.string().optional().describe('next_cursor of the answer before, with all else the same'),
};
const output = { ...shownMemories, next_cursor: z.string().nullable() };

export const timeline: Tool<typeof input, typeof output> = {
  name: 'timeline',
  title: 'Timeline',
  description:
    'Memories by the time at which they happened: what was said or done last week, in order. For what matches a question ' +
    'use recall. Example: {"since": "2026-03-01T00:00:00Z", "limit": 20}',
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  input,
  output,
  run: async (
    { since, until, order, thread_id, tag, user_id, limit, cursor },
    { memories, scope },
    signal,
  ) => {
    const page = await memories.listPage(
      {
        since,
        until_time: until,
        order: 'occurred_at',
        direction: order === 'oldest' ? 'asc' : 'desc',
        thread_id,
        tag,
        user_id: user_id ?? scope.user_id,
        limit: limit ?? 20,
        cursor,
      },
      { signal },
    );
    return { memories: page.memories.map((memory) => presentMemory(memory)), next_cursor: page.next_cursor };
  },
};
