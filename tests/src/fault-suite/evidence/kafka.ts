import { randomUUID } from 'node:crypto';
import kafkajs, { type Admin, type IHeaders, type Kafka } from 'kafkajs';
import { until } from '../../system/index.js';
import { hashOf, POISON_HEADER } from '../workload/poison.js';
import { FOLLOWED, type Lag, type PoisonRecord } from './rows.js';

const READ_TIMEOUT_MS = 60_000;

export async function withAdmin<T>(
  brokers: readonly string[],
  work: (admin: Admin, kafka: Kafka) => Promise<T>,
): Promise<T> {
  const kafka = new kafkajs.Kafka({
    clientId: 'fault-suite',
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin, kafka);
  } finally {
    await admin.disconnect();
  }
}

/** How far each group is behind, by its progress and by the offsets it committed, which operators look at. */
export async function kafkaLags(admin: Admin, progress: ReadonlyMap<string, number>): Promise<Lag[]> {
  const lags: Lag[] = [];
  for (const { group, topic } of FOLLOWED) {
    const ends = await admin.fetchTopicOffsets(topic);
    const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    for (const { partition, high } of ends) {
      const end = Number(high);
      if (end === 0) continue;
      const done = (progress.get(`${group} ${topic} ${partition}`) ?? -1) + 1;
      const offset = Number(committed?.partitions.find((one) => one.partition === partition)?.offset ?? -1);
      lags.push({ group, topic, partition, behind: Math.max(end - done, end - offset) });
    }
  }
  return lags.filter(({ behind }) => behind > 0);
}

/** Where each topic is read on next time. */
export class TopicReader {
  readonly #next = new Map<number, bigint>();
  readonly #topic: string;
  /** Names the place where the record was refused. */
  readonly #placeOf: (found: { partition: number; offset: string; headers: IHeaders }) => string;
  readonly records: PoisonRecord[] = [];

  constructor(
    topic: string,
    placeOf: (found: { partition: number; offset: string; headers: IHeaders }) => string,
  ) {
    this.#topic = topic;
    this.#placeOf = placeOf;
  }

  /** Everything up to the present end. */
  async readOn(admin: Admin, kafka: Kafka): Promise<void> {
    const ends = await admin.fetchTopicOffsets(this.#topic);
    const open = new Map<number, bigint>();
    for (const { partition, high, low } of ends) {
      const known = this.#next.get(partition) ?? 0n;
      // An end before what was read: the topic was made anew.
      const from = known > BigInt(high) ? BigInt(low) : known > BigInt(low) ? known : BigInt(low);
      this.#next.set(partition, from);
      if (from < BigInt(high)) open.set(partition, BigInt(high));
    }
    if (open.size > 0) await this.#consume(kafka, open);
  }

  async #consume(kafka: Kafka, open: Map<number, bigint>): Promise<void> {
    const consumer = kafka.consumer({ groupId: `fault-suite-${randomUUID()}`, maxWaitTimeInMs: 100 });
    try {
      await consumer.connect();
      await consumer.subscribe({ topic: this.#topic, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          for (const message of batch.messages) this.#take(batch.partition, message);
          const next = this.#next.get(batch.partition) ?? 0n;
          if (next >= (open.get(batch.partition) ?? 0n)) open.delete(batch.partition);
        },
      });
      for (const partition of open.keys()) {
        consumer.seek({ topic: this.#topic, partition, offset: String(this.#next.get(partition) ?? 0n) });
      }
      await until(`${this.#topic} to be read`, READ_TIMEOUT_MS, () => open.size === 0);
    } finally {
      await consumer.disconnect();
    }
  }

  #take(
    partition: number,
    { offset, headers = {}, value }: { offset: string; headers?: IHeaders; value: Buffer | null },
  ): void {
    if (BigInt(offset) < (this.#next.get(partition) ?? 0n)) return;
    this.#next.set(partition, BigInt(offset) + 1n);
    const poison = textOf(headers[POISON_HEADER]);
    const place = this.#placeOf({ partition, offset, headers });
    if (poison === null && place.startsWith(OF_COMMANDS)) return;
    this.records.push({ poison, place, value_hash: hashOf(value ?? Buffer.alloc(0)) });
  }
}

/** Of commands, only poison is of interest; of dead letters all. */
const OF_COMMANDS = 'at ';

/** Copies of poison as they stand in memory.commands; `generation` is asked for each time. */
export function commandsReader(generation: () => number): TopicReader {
  return new TopicReader(
    'memory.commands',
    ({ partition, offset }) => `${OF_COMMANDS}memory.commands/${generation()}/${partition}/${offset}`,
  );
}

export function deadLettersReader(): TopicReader {
  return new TopicReader('memory.dlq', ({ headers }) => {
    const [topic, ...rest] = (textOf(headers['dlq-position']) ?? '').split('/');
    return [topic, textOf(headers['dlq-generation']), ...rest].join('/');
  });
}

function textOf(header: IHeaders[string]): string | null {
  const value = Array.isArray(header) ? header[0] : header;
  return value === undefined ? null : value.toString();
}
