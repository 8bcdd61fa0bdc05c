import { createCodec, partitionOf, TOPICS, type Codec } from '@soma/events';
import { createRegistryIds } from '@soma/events/registry';
import kafkajs, { type Producer } from 'kafkajs';
import type { Asked, History, Numbers } from '../history/history.js';
import type { Random } from '../random.js';
import { poisonFor } from './poison.js';
import { commandOf, jsonRecord, rawCommand, type RawRecord } from './raw-records.js';

export interface RawTarget {
  brokers: readonly string[];
  /** Absent: records go as JSON only. */
  schemaRegistryUrl?: string;
}

interface RawDeps {
  target: RawTarget;
  history: History;
  numbers: Numbers;
  random: Random;
  expiry: boolean;
}

/** How often of one. */
const POISON = 0.01;
const DUPLICATE = 0.1;
const ASTRAY = 0.1;
const AVRO = 0.5;

/** Another system that produces commands by itself, not always as it should. */
export class RawProducer {
  readonly #deps: RawDeps;
  readonly #producer: Producer;
  readonly #codec: Codec | undefined;
  readonly #partitions: number;

  private constructor(deps: RawDeps, producer: Producer, partitions: number) {
    this.#deps = deps;
    this.#producer = producer;
    this.#partitions = partitions;
    const url = deps.target.schemaRegistryUrl;
    this.#codec = url === undefined ? undefined : createCodec({ ids: createRegistryIds({ url }) });
  }

  static async connect(deps: RawDeps): Promise<RawProducer> {
    const kafka = new kafkajs.Kafka({
      clientId: 'another-system',
      brokers: [...deps.target.brokers],
      logLevel: kafkajs.logLevel.NOTHING,
    });
    const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    const admin = kafka.admin();
    await Promise.all([producer.connect(), admin.connect()]);
    const { topics } = await admin.fetchTopicMetadata({ topics: [TOPICS.memoryCommands] });
    await admin.disconnect();
    return new RawProducer(deps, producer, topics[0]?.partitions.length ?? 1);
  }

  /** One record of any kind. */
  async act(): Promise<void> {
    const { random } = this.#deps;
    if (random.next() < POISON) await this.poison();
    else await this.command(random.next() < ASTRAY);
  }

  /** @param astray in another partition, or under another key, than a memory's commands belong */
  async command(astray: boolean): Promise<void> {
    const { history, random } = this.#deps;
    const asked = rawCommand(history.keyspace.pick(random), this.#deps);
    const record = await this.#recordOf(asked);
    asked.started = performance.now();
    history.commands.push(asked);
    const placed = astray ? this.#astray(record) : record;
    const copies = random.next() < DUPLICATE ? [placed, record] : [placed];
    if (await this.#send(copies)) history.tell(asked, { outcome: 'promised' }, performance.now());
  }

  async poison(): Promise<void> {
    const { history, random } = this.#deps;
    const { poison, record } = poisonFor(history.keyspace.pick(random), random);
    history.poisons.push(poison);
    poison.produced = (await this.#send([record])) ? true : null;
  }

  async close(): Promise<void> {
    await this.#producer.disconnect().catch(() => undefined);
  }

  async #recordOf(asked: Asked): Promise<RawRecord> {
    if (this.#codec === undefined || this.#deps.random.next() > AVRO) return jsonRecord(asked);
    // The registry may be out; then this system sends JSON.
    const encoded = await this.#codec.encodeCommand(commandOf(asked)).catch(() => undefined);
    return encoded ?? jsonRecord(asked);
  }

  #astray(record: RawRecord): RawRecord {
    const { random } = this.#deps;
    if (random.next() < 0.3) return { ...record, key: `another-key-${random.whole(0, 9)}` };
    const right = partitionOf(record.key ?? '', this.#partitions);
    return { ...record, partition: (right + random.whole(1, this.#partitions - 1)) % this.#partitions };
  }

  async #send(records: readonly RawRecord[]): Promise<boolean> {
    const [first] = records;
    if (first === undefined) return true;
    const messages = records.map(({ key, value, headers, partition }) => ({
      key,
      value,
      headers,
      ...(partition === undefined ? {} : { partition }),
    }));
    try {
      await this.#producer.send({ topic: first.topic, acks: -1, timeout: 10_000, messages });
      this.#deps.history.count('raw produced');
      return true;
    } catch {
      this.#deps.history.count('raw not known to be produced');
      return false;
    }
  }
}
