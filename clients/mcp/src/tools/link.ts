import { z } from 'zod';
import type { Tool } from '../tool.js';

const input = {
  from_coord: z.string().min(1),
  to_coord: z.string().min(1),
  type: z
    .string()
    .optional()
    .describe('What joins them: "caused", "part_of"; "related" unless told otherwise'),
  weight: z.number().positive().optional().describe('How strongly; 1 unless told otherwise'),
};
const output = { created: z.boolean().describe('false: the link was there and was renewed') };

export const link: Tool<typeof input, typeof output> = {
  name: 'link',
  title: 'Link two memories',
  description:
    'Note that two memories belong together, so that neighbors finds one from the other. ' +
    'Example: {"from_coord": "ada.tea", "to_coord": "ada.health", "type": "because_of"}',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  run: async (asked, { memories }, signal) => ({ created: (await memories.link(asked, { signal })).created }),
};
