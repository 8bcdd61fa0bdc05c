import type { EventLog, TopicPartition } from '@soma/event-log';
import type { Topic } from '@soma/events';
import type { GroupProgress, Ledger } from '@soma/ledger';
import type { Logger } from '@soma/service';
import type { Handler } from './handler.js';
import type { PartitionRunner } from './partition-runner.js';
import { isAnotherLog, proveStanding } from './prove-standing.js';

export interface LookedAt<T> extends TopicPartition {
  runner: PartitionRunner<T>;
}

export interface LookDeps<T> {
  name: string;
  handlers: Partial<Record<Topic, Handler<T>>>;
  log: EventLog;
  ledger: Ledger;
  logger: Logger;
}

/**
 * Between batches, and where none comes: is the log the one that was read, is the store where it was left, does the
 * projection hold what was written to it, are there dead letters not yet in memory.dlq? Returns the partitions that
 * have to be assigned anew; one whose log is another is halted. A store or log that does not answer says nothing.
 */
export async function lookAtPartitions<T>(
  partitions: readonly LookedAt<T>[],
  deps: LookDeps<T>,
): Promise<TopicPartition[]> {
  // Read before the rows, which are written first: a row that is behind was put back.
  const reached = new Map(partitions.map(({ runner }) => [runner, runner.standing.position]));
  const [generation, rows] = await Promise.all([
    deps.ledger.installation().then(
      (installation) => installation.generation,
      () => undefined,
    ),
    deps.ledger.progress().catch(() => []),
  ]);
  const lost: TopicPartition[] = [];
  for (const { topic, partition, runner } of partitions) {
    const place = { topic, partition };
    if (generation !== undefined && generation > runner.generation) {
      deps.logger.warn({ ...place, generation }, 'a new log was accepted; beginning at its start');
      lost.push(place);
    } else if (isBehind(rows, deps.name, place, runner.generation, reached.get(runner) ?? -1)) {
      deps.logger.warn(place, 'the store stands before what was written to it; reading again from there');
      lost.push(place);
    } else if (!runner.halted && !(await stands(place, runner, deps))) lost.push(place);
  }
  return lost;
}

function isBehind(
  rows: readonly GroupProgress[],
  group: string,
  { topic, partition }: TopicPartition,
  generation: number,
  reached: number,
): boolean {
  const row = rows.find((one) => one.group === group && one.topic === topic && one.partition === partition);
  return row !== undefined && (row.generation < generation || row.position < reached);
}

async function stands<T>(
  place: TopicPartition,
  runner: PartitionRunner<T>,
  { handlers, log, logger }: LookDeps<T>,
): Promise<boolean> {
  const { topic, partition } = place;
  try {
    await proveStanding(log, place, runner.standing);
    await runner.deadLetters.publish();
    const held = await handlers[topic]?.stands?.({ topic, partition, generation: runner.generation });
    if (held !== false) return true;
    logger.warn(place, 'the projection no longer holds what was written to it');
    return false;
  } catch (error) {
    if (isAnotherLog(error)) runner.halt(error.message);
    else logger.debug({ err: error, ...place }, 'periodic look failed');
    return true;
  }
}
