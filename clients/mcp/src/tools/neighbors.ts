import { z } from 'zod';
import { presentMemory, shownMemories } from '../present.js';
import type { Tool } from '../tool.js';

const input = {
  coord: z.string().min(1),
  type: z.string().optional().describe('Only along links of this type'),
  depth: z.number().int().min(1).max(4).optional().describe('Links away; 1 unless told otherwise'),
  limit: z.number().int().min(1).max(100).optional().describe('20 unless told otherwise'),
};
const output = {
  ...shownMemories,
  links: z.array(z.object({ from: z.string(), to: z.string(), type: z.string(), weight: z.number() })),
};

export const neighbors: Tool<typeof input, typeof output> = {
  name: 'neighbors',
  title: 'Linked memories',
  description:
    'Memories linked with one, nearest first, and the links. Call it to follow what recall found. ' +
    'Example: {"coord": "ada.tea", "depth": 2}',
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  input,
  output,
  run: async ({ coord, type, depth, limit }, { memories }, signal) => {
    const request = { type, depth: depth ?? 1, limit: limit ?? 20, direction: 'both' as const };
    const { nodes, links } = await memories.neighbors(coord, request, { signal });
    return {
      memories: nodes.map((node) => presentMemory(node)),
      links: links.map(({ from_coord, to_coord, type: kind, weight }) => ({
        from: from_coord,
        to: to_coord,
        type: kind,
        weight,
      })),
    };
  },
};
