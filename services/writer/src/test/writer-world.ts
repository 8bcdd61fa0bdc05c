import { expect } from '@jest/globals';
import { createPostgresAuditLog, createPostgresTokens } from '@soma/access/postgres';
import { createInProcessCache, createInProcessOutcomes } from '@soma/cache/in-process';
import type { EventLog } from '@soma/event-log';
import { createPostgresLog } from '@soma/event-log/postgres';
import { createCodec, TOPICS, type Codec } from '@soma/events';
import { createCommittedIds } from '@soma/events/committed-ids';
import type { Job, JobKind } from '@soma/jobs';
import { createPostgresJobs } from '@soma/jobs/postgres';
import { createPostgresLedger } from '@soma/ledger/postgres';
import { parseCoordinate, SomaError, type JsonObject, type MemoryCommand } from '@soma/memory';
import {
  createPostgresErasing,
  createPostgresMemoryStore,
  createPostgresQuotas,
  createPostgresRetention,
  createPostgresRetentionPolicies,
} from '@soma/memory-store/postgres';
import { createPool } from '@soma/postgres';
import { createLogger, type Service } from '@soma/service';
import { createTestDatabase, eventually } from '@soma/testing';
import { Registry } from 'prom-client';
import { createWriter, type WriterDeps } from '../index.js';

const PARTITIONS = 2;
const logger = createLogger({ service: 'test', level: 'silent', format: 'json' });

/** The other workers keep up with the writer at once: their rows of progress are set to its own. */
const PROJECT = `
  insert into progress (group_name, topic, partition, generation, position, command_position)
  select name, '${TOPICS.memoryEvents}', partition, generation, position, position
  from progress, unnest(array['indexer', 'graph', 'cache-invalidator']) as name
  where group_name = 'writer'
  on conflict (group_name, topic, partition) do update set command_position = excluded.command_position`;

/** A writer, or several one after the other, on stores of their own. */
export type WriterWorld = Awaited<ReturnType<typeof openWriterWorld>>;

export async function openWriterWorld() {
  const database = await createTestDatabase();
  const pool = createPool(
    { url: database.url, maxConnections: 10, applicationName: 'test' },
    () => undefined,
  );
  const outcomes = createInProcessOutcomes();
  const log = createPostgresLog({ pool, url: database.url, logger, partitions: PARTITIONS });
  await log.start();
  const codec = createCodec({ ids: createCommittedIds() });
  const jobs = createPostgresJobs({ pool });
  const memories = createPostgresMemoryStore({ pool });
  const parts = {
    log,
    ledger: createPostgresLedger({ pool }),
    memories,
    outcomes,
    codec,
    jobs,
    erasing: createPostgresErasing({ pool }),
    retention: createPostgresRetention({ pool }),
    quotas: createPostgresQuotas({ pool }),
    tokens: createPostgresTokens({ pool }),
    audit: createPostgresAuditLog({ pool }),
    policies: createPostgresRetentionPolicies({ pool }),
  };
  let running: Service[] = [];
  const projecting = setInterval(() => {
    pool.query(PROJECT).catch(() => undefined);
  }, 50);

  const start = async (through: Partial<WriterDeps> = {}): Promise<Service> => {
    const writer = createWriter({
      ...parts,
      cache: createInProcessCache(),
      logger,
      registry: new Registry(),
      onCrash: (error) => {
        throw error;
      },
      timing: { backoff: { minMs: 5, maxMs: 20 } },
      ...through,
    });
    running.push(writer);
    await writer.start();
    return writer;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((service) => service.stop()));
    running = [];
  };
  const send = async (...commands: MemoryCommand[]): Promise<void> => {
    const records = await Promise.all(commands.map((command) => codec.encodeCommand(command)));
    const results = await log.append(records);
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
  };
  const untilEnded = async ({ job_id }: Pick<Job, 'job_id'>): Promise<Job> => {
    let job: Job | undefined;
    await eventually(async () => {
      job = await jobs.get(job_id);
      expect(['done', 'failed']).toContain(job?.state);
    }, 30_000);
    if (job === undefined) throw new Error('there is no such job');
    return job;
  };
  return {
    ...parts,
    pool,
    start,
    stop,
    send,
    untilEnded,
    runJob: async (kind: JobKind, request: JsonObject): Promise<Job> =>
      untilEnded(await jobs.create({ kind, request, issuer: 'an admin' })),
    /** Those of the coords at which namespace `team` has a memory. */
    live: async (...coords: string[]): Promise<string[]> => {
      const keys = coords.map((coord) => parseCoordinate(coord)?.key ?? '');
      const found = await memories.get('team', keys);
      return coords.filter((_, index) => found[index] !== undefined);
    },
    close: async (): Promise<void> => {
      await stop();
      clearInterval(projecting);
      await log.close();
      await outcomes.close();
      await pool.end();
      await database.drop();
    },
  };
}

/** Dies, for whoever appends through it, once it has taken deletions. */
export function dyingLog(log: EventLog): { log: EventLog; dead: () => boolean } {
  let dead = false;
  const dying: EventLog = new Proxy(log, {
    get: (target, name: keyof EventLog) => {
      if (name !== 'append') return (target[name] as () => unknown).bind(target);
      return async (records: Parameters<EventLog['append']>[0]) => {
        const results = await target.append(records);
        if (!records.some(({ headers }) => headers['record-type'] === 'DeleteMemory')) return results;
        dead = true;
        return records.map(() => ({ ok: false, error: new SomaError('event_log_unavailable', 'gone') }));
      };
    },
  });
  return { log: dying, dead: () => dead };
}

/** Runs `first` before the first deletion is written to the log. */
export function beforeDeletions(codec: Codec, first: () => Promise<void>): Codec {
  let done: Promise<void> | undefined;
  return {
    ...codec,
    encodeCommand: async (command) => {
      if (command.type === 'DeleteMemory') await (done ??= first());
      return codec.encodeCommand(command);
    },
  };
}
