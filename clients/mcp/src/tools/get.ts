import { z } from 'zod';
import { presentMemory, shownMemory } from '../present.js';
import { CannotDo, type Tool } from '../tool.js';

const input = {
  coord: z.string().min(1).describe('As recall or remember told it'),
  version: z.number().int().min(1).optional().describe('As it was in this version'),
};
const output = {
  memory: shownMemory.extend({ version: z.number(), payload: z.record(z.string(), z.unknown()) }),
};

export const get: Tool<typeof input, typeof output> = {
  name: 'get',
  title: 'Get a memory',
  description: 'Show one memory whole, by its coord. Example: {"coord": "ada.tea"}',
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  input,
  output,
  run: async ({ coord, version }, { memories }, signal) => {
    const memory = await memories.get(coord, { version, signal });
    if (memory === null)
      throw new CannotDo(`There is no memory at ${coord}. recall finds memories by what they say.`);
    return {
      memory: {
        ...presentMemory(memory, true),
        version: memory.version,
        payload: memory.payload,
      },
    };
  },
};
