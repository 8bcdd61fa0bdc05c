import type { AssignedPartition } from '../consuming/assigned-partition.js';
import type { Logger } from '../log-options.js';
import type { EventLog, TopicPartition } from '../port.js';

/** How a fetch stands to the position that is to be handed out next. */
export type Following =
  /** It goes on there. */
  | 'follows'
  /** It was asked for before the position moved. */
  | 'stale'
  /** The log holds the position no more, or never did, and kafkajs jumped to the log's start. */
  | 'lost';

/**
 * `first` is where the fetch begins. `untouched`: nothing was handed out since the position was asked for, so that a
 * later start of the log is no surprise.
 */
export async function followingOf(
  at: TopicPartition & { position: number; untouched: boolean },
  first: number,
  log: Pick<EventLog, 'bounds'>,
): Promise<Following> {
  const { position, untouched } = at;
  if (first === position || (untouched && first > position)) return 'follows';
  const bounds = (await log.bounds(at.topic)).find(({ partition }) => partition === at.partition);
  if (bounds !== undefined && (bounds.start > position || bounds.end < position)) return 'lost';
  // Ahead within the log: what lies between are marks of other producers' transactions.
  return first > position ? 'follows' : 'stale';
}

/** What is needed to judge a fetch. */
export interface Reading {
  log: Pick<EventLog, 'bounds'>;
  logger: Logger;
  /** Fetch from the partition's position on. */
  readAgain: (partition: AssignedPartition) => void;
}

/** Whether what was fetched is to be handed out; when the log is not what it was, its reader is asked anew. */
export async function isNext(
  partition: AssignedPartition,
  first: number,
  { log, logger, readAgain }: Reading,
): Promise<boolean> {
  const { topic, partition: number, position } = partition;
  const following = await followingOf(partition, first, log).catch((error: unknown) => {
    logger.warn({ topic, err: error }, 'cannot tell whether the log holds a position');
    return 'stale' as const;
  });
  if (!partition.isReading() || partition.position !== position) return false;
  if (following === 'lost') {
    logger.warn({ topic, partition: number, position }, 'the log does not hold the position to read next');
    partition.reopen();
  }
  if (following === 'stale') readAgain(partition);
  return following === 'follows';
}
