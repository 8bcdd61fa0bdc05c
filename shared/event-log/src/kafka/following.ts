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
