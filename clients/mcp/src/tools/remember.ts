import { z } from 'zod';
import type { Tool } from '../tool.js';

const input = {
  text: z
    .string()
    .min(1)
    .describe('One fact, in a sentence that can be understood alone: names, not "he" or "it"'),
  coord: z
    .string()
    .optional()
    .describe(
      'Its name, such as "ada.tea": a second remember under it replaces the first. Absent: a new one is made',
    ),
  tags: z.array(z.string()).optional().describe('A few words to find it by, such as ["preference"]'),
  by: z.string().optional().describe('Who said it'),
  occurred_at: z.iso.datetime({ offset: true }).optional().describe('When it happened, when that is not now'),
  importance: z.number().min(0).max(1).optional().describe('0 to 1; 0.5 unless told otherwise'),
  user_id: z
    .string()
    .optional()
    .describe('Whose memory it is, when not of the user this server is set up for'),
  thread_id: z.string().optional().describe('Which conversation it belongs to'),
};
const output = {
  coord: z.string(),
  version: z.number().nullable(),
  created: z.boolean().describe('false: it replaced what was there'),
};

export const remember: Tool<typeof input, typeof output> = {
  name: 'remember',
  title: 'Remember',
  description:
    'Keep a fact for later conversations: a preference, a decision, what somebody said or what was done. ' +
    'Call it when the user tells something worth knowing next time, or asks to remember. One fact a call. ' +
    'Example: {"text": "Ada prefers green tea", "coord": "ada.tea", "tags": ["preference"]}',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  input,
  output,
  run: async ({ text, by, user_id, thread_id, occurred_at, ...rest }, { memories, scope }, signal) => {
    const memory = {
      ...rest,
      text,
      payload: { text },
      actor: by,
      // So that what was remembered today is found by "since yesterday".
      occurred_at: occurred_at ?? new Date().toISOString(),
      user_id: user_id ?? scope.user_id,
      agent_id: scope.agent_id,
      thread_id: thread_id ?? scope.thread_id,
    };
    const { coord, version, created } = await memories.store(memory, { signal });
    return { coord, version, created };
  },
};
