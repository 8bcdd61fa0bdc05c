import type { Outcomes } from '@soma/cache';
import type {
  GroupProgress,
  Installation,
  Ledger,
  LinkIdentity,
  MemoryIdentity,
  NamespaceBacklog,
  ReservedId,
  Standing,
} from '@soma/ledger';
import { RESERVED } from '@soma/ledger';
import {
  decide,
  isLive,
  parseCoordinate,
  revisionOf,
  SomaError,
  type Link,
  type Memory,
  type MemoryCommand,
  type MemoryState,
  type Operation,
} from '@soma/memory';
import { FakeDeadLetters } from './fake-dead-letters.js';
import type { FakeLog, TakenCommand } from './fake-log.js';

const GENERATION = 1;

type FakeLedger = Pick<
  Ledger,
  'operations' | 'reserve' | 'installation' | 'ping' | 'progress' | 'backlog' | 'standing' | 'acceptLog'
>;

/** Writer, graph and projections in one: carries commands out in memory, and tells who waits. */
export class FakeWorkers extends FakeDeadLetters implements FakeLedger {
  readonly installationFound: Installation = { id: 'i', secret: Buffer.alloc(32, 1), generation: GENERATION };
  readonly states = new Map<string, MemoryState>();
  readonly links = new Map<string, Link>();
  /** While true commands pile up. */
  paused = false;
  /** While true stored memories stay unindexed. */
  indexing = true;
  /** While false nobody hears of outcomes and the ledger has to be asked. */
  telling = true;
  down = false;
  readonly #operations = new Map<string, Operation>();
  readonly #waiting: TakenCommand[] = [];
  readonly #done = new Map<string, number>();
  readonly #outcomes: Outcomes;

  constructor(log: FakeLog, outcomes: Outcomes) {
    super();
    this.#outcomes = outcomes;
    log.consume((taken) => {
      this.#waiting.push(taken);
      if (!this.paused) this.work();
    });
  }

  resume(): void {
    this.paused = false;
    this.work();
  }

  work(): void {
    for (const taken of this.#waiting.splice(0)) {
      const operation = this.#apply(taken);
      this.#done.set(taken.topic, taken.position);
      if (this.telling && taken.reply_to !== undefined)
        void this.#outcomes.publish(taken.reply_to, [operation]);
    }
  }

  live(namespace: string, key: string): Memory | undefined {
    const state = this.states.get(`${namespace}/${key}`);
    return isLive(state, Date.now()) ? state : undefined;
  }

  async operations(namespace: string, ids: string[]): Promise<(Operation | undefined)[]> {
    await this.ping();
    return ids.map((id) => {
      const operation = this.#operations.get(id);
      return operation?.namespace === namespace ? operation : undefined;
    });
  }

  async reserve(id: ReservedId): Promise<Operation | undefined> {
    await this.ping();
    const known = this.#operations.get(id.operation_id);
    if (known !== undefined) return known;
    const at = { topic: RESERVED, partition: -1, position: -1, headers: {}, reply_to: undefined };
    const { operation_id, request_hash, ...rest } = id;
    const command = { ...rest, command_id: operation_id, request_hash, coord: '' } as MemoryCommand;
    this.#operations.set(operation_id, baseOf({ ...at, command } as unknown as TakenCommand));
    return undefined;
  }

  async installation(): Promise<Installation> {
    await this.ping();
    return this.installationFound;
  }

  async acceptLog(): Promise<number> {
    await this.ping();
    this.installationFound.generation += 1;
    return this.installationFound.generation;
  }

  async progress(): Promise<GroupProgress[]> {
    await this.ping();
    const row = (group: string, topic: GroupProgress['topic'], position: number): GroupProgress => {
      return { group, topic, partition: 0, generation: GENERATION, position, command_position: position };
    };
    const written = this.#done.get('memory.commands') ?? -1;
    const projected = this.indexing ? written : -1;
    return [
      row('writer', 'memory.commands', written),
      row('graph', 'graph.commands', this.#done.get('graph.commands') ?? -1),
      ...['indexer', 'graph', 'cache-invalidator'].map((group) => row(group, 'memory.events', projected)),
    ];
  }

  /** While nothing is indexed, everything that is stored waits. */
  async backlog(): Promise<NamespaceBacklog[]> {
    await this.ping();
    const found = new Map<string, number>();
    for (const { namespace } of this.indexing ? [] : this.states.values()) {
      found.set(namespace, (found.get(namespace) ?? 0) + 1);
    }
    return [...found].map(([namespace, memories]) => ({ namespace, memories }));
  }

  standing(of: MemoryIdentity | LinkIdentity): Promise<Standing | undefined> {
    const state = 'key' in of ? this.states.get(`${of.namespace}/${of.key}`) : undefined;
    if (state === undefined) return Promise.resolve(undefined);
    const { version, revision, deleted, updated_at } = state;
    return Promise.resolve({ version, revision, deleted, updated_at });
  }

  ping(): Promise<void> {
    return this.down ? Promise.reject(new SomaError('store_unavailable', 'no answer')) : Promise.resolve();
  }

  #apply(taken: TakenCommand): Operation {
    const { command } = taken;
    const first = this.#operations.get(command.command_id);
    if (first !== undefined) {
      if (first.request_hash === command.request_hash) return first;
      const error = { code: 'idempotency_key_reused' as const, detail: 'used for another request' };
      return { ...baseOf(taken), status: 'rejected', error };
    }
    const operation = 'link_type' in command ? this.#applyLink(taken) : this.#applyMemory(taken, command);
    this.#operations.set(command.command_id, operation);
    return operation;
  }

  #applyMemory(taken: TakenCommand, command: MemoryCommand): Operation {
    const name = `${command.namespace}/${parseCoordinate(command.coord)?.key ?? ''}`;
    const revision = revisionOf(GENERATION, taken.position);
    const decision = decide(this.states.get(name), command, { now: Date.now(), revision });
    const base = baseOf(taken);
    switch (decision.outcome) {
      case 'rejected':
        return { ...base, status: 'rejected', error: { code: decision.code, detail: decision.detail } };
      case 'unchanged':
        return { ...base, deleted: false };
      case 'deleted':
        this.states.set(name, decision.tombstone);
        return { ...base, deleted: decision.existed, version: decision.tombstone.version, revision };
      case 'stored': {
        const { memory, created } = decision;
        this.states.set(name, memory);
        return { ...base, created, version: memory.version, revision, memory_type: memory.memory_type };
      }
    }
  }

  #applyLink(taken: TakenCommand): Operation {
    const { command } = taken;
    const base = baseOf(taken);
    if (!('link_type' in command)) return base;
    const [from_key, to_key] = [command.from_coord, command.to_coord].map(
      (coord) => parseCoordinate(coord)?.key ?? '',
    ) as [string, string];
    const name = `${command.namespace}/${from_key}/${command.link_type}/${to_key}`;
    const { bound_to_user } = command;
    const hidden = [from_key, to_key].some(
      (key) => bound_to_user !== null && this.live(command.namespace, key)?.user_id !== bound_to_user,
    );
    if (hidden && command.type === 'UnlinkMemories') return { ...base, deleted: false };
    if (hidden)
      return { ...base, status: 'rejected', error: { code: 'memory_not_found', detail: 'not there' } };
    if (command.type === 'UnlinkMemories') return { ...base, deleted: this.links.delete(name) };
    const former = this.links.get(name);
    const { namespace, from_coord, to_coord, link_type, weight, properties } = command;
    const version = (former?.version ?? 0) + 1;
    const times = { created_at: Date.now(), updated_at: Date.now(), revision: taken.position };
    this.links.set(name, {
      namespace,
      from_key,
      to_key,
      from_coord,
      to_coord,
      link_type,
      weight,
      properties,
      version,
      ...times,
    });
    return { ...base, created: former === undefined, version };
  }
}

function baseOf({ command, topic, partition, position }: TakenCommand): Operation {
  return {
    operation_id: command.command_id,
    namespace: command.namespace,
    topic,
    partition,
    position,
    generation: GENERATION,
    coord: 'coord' in command ? command.coord : command.from_coord,
    status: 'stored',
    deleted: null,
    created: false,
    version: null,
    revision: null,
    memory_type: null,
    error: null,
    index_error: null,
    request_hash: command.request_hash,
    issuer: command.issuer,
    accepted_at: Date.now(),
    finished_at: Date.now(),
  };
}
