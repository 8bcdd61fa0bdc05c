import { createCodec, partitionOf, type Codec } from '@soma/events';
import { createRegistryIds } from '@soma/events/registry';
import type { Asked, History, Numbers } from '../history/history.js';
import type { Random } from '../random.js';
import { poisonFor } from './poison.js';
import { commandOf, jsonRecord, rawCommand, type RawRecord } from './raw-records.js';
import { overKafka, overPostgres, type RawTransport } from './raw-transport.js';

export type RawTarget =
  | {
      brokers: readonly string[];
      /** Absent: records go as JSON only. */
      schemaRegistryUrl?: string;
    }
  | { postgresUrl: string };

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
/** Records that may be sent again. */
const MOST_KEPT = 200;

/** Another system that produces commands by itself, not always as it should. */
export class RawProducer {
  readonly #deps: RawDeps;
  readonly #transport: RawTransport;
  readonly #codec: Codec | undefined;
  readonly #sent: RawRecord[] = [];

  private constructor(deps: RawDeps, transport: RawTransport) {
    this.#deps = deps;
    this.#transport = transport;
    const url = 'brokers' in deps.target ? deps.target.schemaRegistryUrl : undefined;
    this.#codec = url === undefined ? undefined : createCodec({ ids: createRegistryIds({ url }) });
  }

  static async connect(deps: RawDeps): Promise<RawProducer> {
    const { target } = deps;
    const transport =
      'brokers' in target ? await overKafka(target.brokers) : await overPostgres(target.postgresUrl);
    return new RawProducer(deps, transport);
  }

  /** One record of any kind. */
  async act(): Promise<void> {
    const { random } = this.#deps;
    if (this.#transport.takesPoison && random.next() < POISON) await this.poison();
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
    this.#sent.push(record);
    if (this.#sent.length > MOST_KEPT) this.#sent.shift();
  }

  /** One of the latest records once more, as a producer does that was put back to an older state of its own. */
  async again(): Promise<void> {
    if (this.#sent.length > 0) await this.#send([this.#deps.random.pick(this.#sent)]);
  }

  async poison(): Promise<void> {
    if (!this.#transport.takesPoison) return;
    const { history, random } = this.#deps;
    const { poison, record } = poisonFor(history.keyspace.pick(random), random);
    history.poisons.push(poison);
    poison.produced = (await this.#send([record])) ? true : null;
  }

  async close(): Promise<void> {
    await this.#transport.close();
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
    const right = partitionOf(record.key ?? '', this.#transport.partitions);
    return {
      ...record,
      partition: (right + random.whole(1, this.#transport.partitions - 1)) % this.#transport.partitions,
    };
  }

  async #send(records: readonly RawRecord[]): Promise<boolean> {
    try {
      await this.#transport.send(records);
      this.#deps.history.count('raw produced');
      return true;
    } catch {
      this.#deps.history.count('raw not known to be produced');
      return false;
    }
  }
}
