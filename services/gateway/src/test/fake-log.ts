import type { AppendResult, EventLog, NewRecord } from '@soma/event-log';
import type { Topic } from '@soma/events';
import { SomaError, type Command } from '@soma/memory';
import type { AdminRouteDeps } from '../routes/route-deps.js';

export interface TakenCommand {
  topic: Topic;
  partition: number;
  position: number;
  command: Command;
  reply_to: string | undefined;
  headers: Record<string, string>;
}

/** An event log in memory that hands each command to whoever consumes. */
export class FakeLog implements Pick<EventLog, 'append' | 'partitions' | 'ping'> {
  /** Set, every append is refused with it. */
  failure: SomaError | undefined;
  /** Refuses only the records for which it says so. */
  failsFor: (command: Command) => boolean = () => false;
  readonly taken: TakenCommand[] = [];
  readonly #next = new Map<Topic, number>();
  #consumer: (taken: TakenCommand) => void = () => undefined;

  consume(consumer: (taken: TakenCommand) => void): void {
    this.#consumer = consumer;
  }

  append(records: NewRecord[]): Promise<AppendResult[]> {
    return Promise.resolve(records.map((record) => this.#take(record)));
  }

  partitions(): number {
    return 1;
  }

  ping(): Promise<void> {
    return this.failure === undefined ? Promise.resolve() : Promise.reject(this.failure);
  }

  #take({ topic, value, headers }: NewRecord): AppendResult {
    const command = JSON.parse(value?.toString() ?? 'null') as Command;
    if (this.failure !== undefined) return { ok: false, error: this.failure };
    if (this.failsFor(command))
      return { ok: false, error: new SomaError('event_log_unavailable', 'the leader is gone') };
    const position = this.#next.get(topic) ?? 0;
    this.#next.set(topic, position + 1);
    const taken = { topic, partition: 0, position, command, reply_to: headers['reply-to'], headers };
    this.taken.push(taken);
    this.#consumer(taken);
    return { ok: true, topic, partition: 0, position };
  }
}

/** Commands as JSON. */
export const fakeCodec: AdminRouteDeps['codec'] = {
  encodeCommand: (command) =>
    Promise.resolve({
      topic: 'link_type' in command ? 'graph.commands' : 'memory.commands',
      key: null,
      value: Buffer.from(JSON.stringify(command)),
      headers: {},
    }),
  decode: ({ value }) => {
    try {
      return Promise.resolve(JSON.parse(value?.toString() ?? '') as Command);
    } catch {
      return Promise.reject(new SomaError('undecodable_record', 'not JSON'));
    }
  },
};
