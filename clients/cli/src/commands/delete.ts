import type { CommandContext } from '../command-context.js';
import { CommandFailed, EXIT } from '../exit-codes.js';
import { deleteMany, type DeleteManyOptions } from './delete-many.js';
import { remove } from './memories.js';

export interface DeleteOptions extends Pick<DeleteManyOptions, 'atMost' | 'dryRun' | 'yes'> {
  until?: string;
  filter?: string;
}

/** One memory by its coord, or those that pass a filter. */
export async function deleteOneOrMany(
  context: CommandContext,
  coord: string | undefined,
  { until, filter, ...bounds }: DeleteOptions,
): Promise<void> {
  if (coord === undefined) {
    return deleteMany(context, { ...bounds, ...(filter === undefined ? {} : { filters: filter }) });
  }
  if (filter !== undefined || bounds.dryRun === true || bounds.atMost !== undefined) {
    throw new CommandFailed(EXIT.usage, 'a coord or a filter; --dry-run and --at-most are of a filter');
  }
  return remove(context, coord, until);
}
