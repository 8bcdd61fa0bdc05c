import { parseCoordinate, SomaError, type Command } from '@soma/memory';
import { partitionOf } from './murmur2.js';
import { recordKey } from './topics.js';

/** The record key that a command must have: its memory's; of a link, that of the memory it leads from. */
export function expectedKey(command: Command): string {
  const coordinate = parseCoordinate('coord' in command ? command.coord : command.from_coord);
  if (coordinate === undefined) throw new SomaError('invalid_coord', `a ${command.type} has no valid coord`);
  return recordKey(command.namespace, coordinate.key);
}

/**
 * Did the sender hash otherwise, or build another key, so that this record stands outside the one order of its memory?
 * Another key in the right partition does no harm. The command has passed checkCommand.
 */
export function isMisrouted(record: { partition: number }, command: Command, partitions: number): boolean {
  return record.partition !== partitionOf(expectedKey(command), partitions);
}
