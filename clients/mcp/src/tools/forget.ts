import { z } from 'zod';
import { CannotDo, type Tool } from '../tool.js';

const input = {
  coord: z.string().optional().describe('The one memory to forget'),
  tag: z.string().optional().describe('Instead: all memories that have this tag'),
  thread_id: z.string().optional().describe('Instead: all of this conversation'),
  user_id: z.string().optional().describe('Whose, when not of the user this server is set up for'),
  confirm_count: z
    .number()
    .int()
    .min(0)
    .optional()
    .describe('How many the dry run said would go. Without it nothing is deleted by tag or conversation'),
};
const output = {
  deleted: z.number(),
  would_delete: z.number().optional().describe('Of a dry run: call again with confirm_count set to it'),
};

export const forget: Tool<typeof input, typeof output> = {
  name: 'forget',
  title: 'Forget',
  description:
    'Delete one memory by its coord, or all that have a tag or belong to a conversation. Only when the user asks for it. ' +
    'By tag or conversation the first call only counts; tell the user the count, and call again with confirm_count. ' +
    'Example: {"coord": "ada.tea"}',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input,
  output,
  run: async ({ coord, tag, thread_id, user_id, confirm_count }, { memories, scope }, signal) => {
    if (coord !== undefined) {
      if (tag !== undefined || thread_id !== undefined)
        throw new CannotDo('Give a coord, or tag and thread_id, not both.');
      const { deleted } = await memories.delete(coord, { signal });
      return { deleted: deleted === true ? 1 : 0 };
    }
    if (tag === undefined && thread_id === undefined)
      throw new CannotDo('Say what to forget: a coord, a tag or a thread_id.');
    const chosen = {
      user_id: user_id ?? scope.user_id,
      thread_id,
      filters: tag === undefined ? undefined : { tags: tag },
    };
    const counted = await memories.deleteMany({ ...chosen, dry_run: true }, { signal, waitSeconds: 20 });
    const would_delete = counted.matched ?? 0;
    if (confirm_count === undefined) return { deleted: 0, would_delete };
    if (confirm_count !== would_delete)
      throw new CannotDo(
        `${would_delete} memories match now, not ${confirm_count}: nothing was deleted. Ask the user again.`,
      );
    const ended = await memories.deleteMany(
      { ...chosen, at_most: confirm_count },
      { signal, waitSeconds: 20 },
    );
    return { deleted: typeof ended.deleted === 'number' ? ended.deleted : 0 };
  },
};
