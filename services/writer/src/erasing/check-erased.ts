import type { EventLog, LogRecord, PartitionBounds } from '@soma/event-log';
import { keptUntil, TOPICS, type Codec, type Topic } from '@soma/events';
import type { JobHandler, JobWork } from '@soma/jobs';
import type { JsonObject, JsonValue } from '@soma/memory';
import type { Erasing } from '@soma/memory-store';
import { contentOf, type Sought } from './content-of.js';
import { readCheckRequest } from './request.js';

export interface CheckErasedDeps {
  log: EventLog;
  codec: Codec;
  erasing: Erasing;
}

/** Between two signs of life to the job, milliseconds. */
const SAVE_MS = 2_000;

interface TopicTally {
  /** Records with content of the memories that are looked for. */
  remaining: number;
  /** When the log took the newest of them; null without any. */
  newest: number | null;
  /** Records that nobody can read, of whatever memory they are. */
  unreadable: number;
}

/** Where the work stands; the job's cursor. */
interface Progress {
  scanned: number;
  total: number;
  /** What is to be scanned; a range begins where its scan goes on. */
  ranges: { topic: Topic; partitions: PartitionBounds[] }[];
  tallies: Partial<Record<Topic, TopicTally>>;
}

const SCANNED: readonly Topic[] = Object.values(TOPICS);

/** Looks through every topic whole and through Postgres for what is still of some memories. */
export function checkErased(deps: CheckErasedDeps): JobHandler {
  return async (work) => {
    const { namespace, keys } = readCheckRequest(work.job.request);
    const sought: Sought = { namespace, keys: keys === null ? null : new Set(keys) };
    const progress = progressOf(work.job.cursor) ?? (await fromTheStart(deps.log));
    await scanAll(progress, sought, work, deps);
    const rows = await deps.erasing.remains(namespace, keys);
    return resultOf(progress, { ...rows });
  };
}

/** Topics as they are now: what comes later is of later writes. */
async function fromTheStart(log: EventLog): Promise<Progress> {
  const ranges = await Promise.all(
    SCANNED.map(async (topic) => {
      const bounds = await log.bounds(topic);
      return { topic, partitions: bounds.filter(({ start, end }) => start < end) };
    }),
  );
  const total = ranges
    .flatMap(({ partitions }) => partitions)
    .reduce((sum, { start, end }) => sum + end - start, 0);
  return { scanned: 0, total, ranges, tallies: {} };
}

/** Moves the ranges' starts along, and writes down every few seconds how far it is. */
async function scanAll(
  progress: Progress,
  sought: Sought,
  work: JobWork,
  { log, codec }: CheckErasedDeps,
): Promise<void> {
  let savedAt = performance.now();
  for (const { topic, partitions } of progress.ranges) {
    const tally = (progress.tallies[topic] ??= { remaining: 0, newest: null, unreadable: 0 });
    for (const range of partitions) {
      for await (const records of log.scan(topic, { ...range })) {
        for (const record of records) count(record, await contentOf(record, sought, codec), tally);
        range.start = (records.at(-1)?.position ?? range.start) + 1;
        progress.scanned += records.length;
        if (performance.now() - savedAt < SAVE_MS) continue;
        await save(work, progress);
        savedAt = performance.now();
      }
      range.start = range.end;
    }
  }
}

function count(
  { timestamp }: LogRecord,
  content: 'sought' | 'other' | 'unreadable',
  tally: TopicTally,
): void {
  if (content === 'unreadable') tally.unreadable += 1;
  if (content !== 'sought') return;
  tally.remaining += 1;
  tally.newest = Math.max(timestamp, tally.newest ?? timestamp);
}

function resultOf({ tallies }: Progress, rows: Record<string, number>): JsonObject {
  const topics = Object.entries(tallies) as [Topic, TopicTally][];
  const newest = topics.flatMap(([topic, tally]) =>
    tally.newest === null ? [] : [{ at: tally.newest, gone: keptUntil(topic, tally.newest) }],
  );
  const inTopics = Object.fromEntries(topics.map(([topic, { remaining }]) => [topic, remaining]));
  const remaining = { ...inTopics, ...rows };
  return {
    clean: Object.values(remaining).every((number) => number === 0),
    remaining,
    newest_remaining_at: timeOf(newest.map(({ at }) => at)),
    clean_by: timeOf(newest.map(({ gone }) => gone)),
    unreadable: topics.reduce((sum, [, tally]) => sum + tally.unreadable, 0),
  };
}

/** The latest; null of none. */
function timeOf(times: readonly number[]): string | null {
  return times.length === 0 ? null : new Date(Math.max(...times)).toISOString();
}

function progressOf(cursor: JsonValue): Progress | undefined {
  return cursor === null ? undefined : (cursor as unknown as Progress);
}

function save(work: JobWork, progress: Progress): Promise<void> {
  const { scanned: done, total } = progress;
  return work.save({ cursor: progress as unknown as JsonValue, done, total: Math.max(done, total) });
}
