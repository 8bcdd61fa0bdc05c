import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Topic } from '@soma/events';
import type {
  AppendResult,
  BatchVerdict,
  Consumer,
  EventLog,
  LogRecord,
  NewRecord,
  RecordBatch,
  Subscription,
  TopicPartition,
} from '../port.js';

/** One log under test, with PARTITIONS partitions in each topic. */
export interface LogFixture {
  /** A started EventLog on it, as a process of its own would have; the suite closes it. */
  open(): Promise<EventLog>;
  drop(): Promise<void>;
}

/** So many partitions the fixture's topics must have. */
export const PARTITIONS = 4;

/** Waits for a condition; the error says which one did not come. */
export async function eventually(
  what: string,
  check: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error(`did not come within ${timeoutMs} ms: ${what}`);
    await delay(10);
  }
}

export function record(topic: Topic, partition: number, text: string): NewRecord {
  return { topic, partition, key: `key of ${text}`, value: Buffer.from(text), headers: { about: text } };
}

/** Appends texts to one partition and returns their positions. */
export async function appendTexts(log: EventLog, of: TopicPartition, texts: string[]): Promise<number[]> {
  const results = await log.append(texts.map((text) => record(of.topic, of.partition, text)));
  return results.map(positionOf);
}

export function positionOf(result: AppendResult): number {
  if (!result.ok) throw result.error;
  return result.position;
}

export async function endOf(log: EventLog, of: TopicPartition): Promise<number> {
  const bounds = (await log.bounds(of.topic)).find(({ partition }) => partition === of.partition);
  if (bounds === undefined) throw new Error(`no partition ${of.partition}`);
  return bounds.end;
}

export async function endsOf(log: EventLog, topic: Topic): Promise<Map<number, number>> {
  return new Map((await log.bounds(topic)).map(({ partition, end }) => [partition, end]));
}

/** A subscriber that remembers what it was told; what it answers can be changed at any time. */
export class Reader {
  readonly group: string;
  readonly assignments: (TopicPartition & { committed: number | undefined })[] = [];
  readonly revocations: TopicPartition[] = [];
  readonly batches: RecordBatch[] = [];
  readonly records: LogRecord[] = [];
  readonly crashes: Error[] = [];
  begin: (of: TopicPartition & { committed: number | undefined }) => number | Promise<number> = () => 0;
  answer: (batch: RecordBatch) => BatchVerdict | Promise<BatchVerdict> = advance;
  consumer: Consumer | undefined;

  constructor(group: string = randomUUID()) {
    this.group = group;
  }

  async start(log: EventLog, topics: Topic[], options: { maxRecords?: number } = {}): Promise<Consumer> {
    const subscription: Subscription = {
      ...options,
      group: this.group,
      topics,
      onAssigned: async (assigned) => {
        this.assignments.push(assigned);
        return this.begin(assigned);
      },
      onRevoked: (revoked) => {
        this.revocations.push(revoked);
      },
      onBatch: async (batch) => {
        this.batches.push(batch);
        this.records.push(...batch.records);
        return this.answer(batch);
      },
      onCrash: (error) => {
        this.crashes.push(error);
      },
    };
    this.consumer = await log.consume(subscription);
    return this.consumer;
  }

  /** What was handed over of one partition, as text. */
  texts(partition: number): string[] {
    return this.records
      .filter((got) => got.partition === partition)
      .map((got) => got.value?.toString() ?? '');
  }

  positions(partition: number): number[] {
    return this.records.filter((got) => got.partition === partition).map(({ position }) => position);
  }

  holds(): number[] {
    return (this.consumer?.assigned() ?? []).map(({ partition }) => partition).sort((a, b) => a - b);
  }
}

/** Everything is done. */
export function advance(batch: RecordBatch): BatchVerdict {
  return { next: 'advance', position: (batch.records.at(-1)?.position ?? 0) + 1 };
}

/** A promise and the way to fulfil it. */
export function gate(): { opened: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** What the suites work with: two logs on the same topics, as two processes would have. */
export interface OpenLogs {
  log: EventLog;
  other: EventLog;
}
