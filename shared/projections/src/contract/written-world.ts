import { randomUUID } from 'node:crypto';
import type { EventLog } from '@soma/event-log';
import { createPostgresLog } from '@soma/event-log/postgres';
import { createCodec, partitionOf, recordKey, TOPICS, type MemoryEvent } from '@soma/events';
import { createCommittedIds } from '@soma/events/committed-ids';
import type { Job, JobKind, Jobs } from '@soma/jobs';
import { createPostgresJobs } from '@soma/jobs/postgres';
import type { Claim, Ledger } from '@soma/ledger';
import { createPostgresLedger } from '@soma/ledger/postgres';
import {
  DEFAULT_ATTRIBUTES,
  NO_CONDITIONS,
  type JsonObject,
  type MemoryCommand,
  type MemoryState,
} from '@soma/memory';
import type { MemoryStore } from '@soma/memory-store';
import { batchOf } from '@soma/memory-store/contract';
import { createPostgresMemoryStore } from '@soma/memory-store/postgres';
import { createPool } from '@soma/postgres';
import { createLogger } from '@soma/service';
import { createTestDatabase, eventually } from '@soma/testing';

const PARTITIONS = 3;

/** Memories in a real store and their events on a real log, as the writer makes them, for workers that make projections. */
export class WrittenWorld {
  readonly pool: ReturnType<typeof createPool>;
  readonly log: EventLog;
  readonly ledger: Ledger;
  readonly memories: MemoryStore;
  readonly jobs: Jobs;
  readonly codec = createCodec({ ids: createCommittedIds() });
  readonly logger = createLogger({ service: 'test', level: 'silent', format: 'json' });
  readonly #drop: () => Promise<void>;
  readonly #claims = new Map<number, Claim>();
  /** So that batches of a partition follow each other. */
  #last: Promise<unknown> = Promise.resolve();

  static async open(): Promise<WrittenWorld> {
    const database = await createTestDatabase();
    const world = new WrittenWorld(database);
    await world.log.start();
    return world;
  }

  private constructor({ url, drop }: { url: string; drop: () => Promise<void> }) {
    this.#drop = drop;
    this.pool = createPool({ url, maxConnections: 12, applicationName: 'test' }, () => undefined);
    this.log = createPostgresLog({ pool: this.pool, url, logger: this.logger, partitions: PARTITIONS });
    this.ledger = createPostgresLedger({ pool: this.pool });
    this.memories = createPostgresMemoryStore({ pool: this.pool });
    this.jobs = createPostgresJobs({ pool: this.pool });
  }

  async store(coord: string, text = `about ${coord}`, namespace = 'team'): Promise<MemoryState> {
    return this.#write({
      type: 'StoreMemory',
      ...envelope(namespace, coord),
      ...DEFAULT_ATTRIBUTES,
      payload: { text },
      text: null,
      ttl_seconds: null,
      expires_at: null,
    });
  }

  async delete(coord: string, namespace = 'team'): Promise<MemoryState> {
    return this.#write({
      type: 'DeleteMemory',
      ...envelope(namespace, coord),
      erase: false,
      only_expired: false,
    });
  }

  async #write(command: MemoryCommand): Promise<MemoryState> {
    const done = this.#last.then(() => this.#writeNext(command));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #writeNext(command: MemoryCommand): Promise<MemoryState> {
    const partition = partitionOf(recordKey(command.namespace, command.coord), PARTITIONS);
    const claim =
      this.#claims.get(partition) ?? (await this.ledger.claim('writer', TOPICS.memoryCommands, partition));
    const position = claim.position + 1;
    const [applied] = await this.memories.apply(batchOf(claim, position, [command], { partition }));
    this.#claims.set(partition, { ...claim, position });
    const state = applied?.state;
    if (state === undefined) throw new Error(`the command changed nothing: ${JSON.stringify(applied)}`);
    const { generation } = claim;
    await this.#emit(partition, [
      eventOf(state),
      { type: 'Progress', partition, generation, command_position: position },
    ]);
    return state;
  }

  async #emit(partition: number, events: MemoryEvent[]): Promise<void> {
    const encoded = await Promise.all(events.map((event) => this.codec.encodeEvent(event)));
    await this.log.append(encoded.map((record) => ({ ...record, partition })));
  }

  /** Until the group has seen all that was written. */
  async followed(group: string): Promise<void> {
    await eventually(async () => {
      const progress = await this.ledger.progress();
      const rows = progress.filter((row) => row.group === group && row.topic === TOPICS.memoryEvents);
      for (const [partition, { position }] of this.#claims) {
        const row = rows.find((one) => one.partition === partition);
        if (row?.command_position !== position) throw new Error(`${group} is behind in ${partition}`);
      }
    }, 60_000);
  }

  /** What comes of a job that some worker does. */
  async work(kind: JobKind, request: JsonObject = {}): Promise<Job> {
    return this.over((await this.jobs.create({ kind, request, issuer: 'test' })).job_id);
  }

  async over(jobId: string): Promise<Job> {
    let job: Job | undefined;
    await eventually(async () => {
      job = await this.jobs.get(jobId);
      if (job === undefined || job.finished_at === null)
        throw new Error(`the job is not over: ${JSON.stringify(job)}`);
    }, 60_000);
    if (job === undefined) throw new Error('no such job');
    return job;
  }

  async close(): Promise<void> {
    await this.log.close();
    await this.pool.end();
    await this.#drop();
  }
}

function envelope(namespace: string, coord: string) {
  return {
    command_id: randomUUID(),
    namespace,
    coord,
    request_hash: null,
    issued_at: 0,
    issuer: 'test',
    bound_to_user: null,
    conditions: NO_CONDITIONS,
  };
}

function eventOf(state: MemoryState): MemoryEvent {
  if (!state.deleted) return { type: 'MemoryStored', command_id: null, memory: state };
  const { namespace, key, coord, version, revision, updated_at } = state;
  const deletion = { namespace, key, coord, version, revision, deleted_at: updated_at };
  return { type: 'MemoryDeleted', command_id: null, ...deletion };
}
