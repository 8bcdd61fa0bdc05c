import type { EventLog, NewRecord } from '@soma/event-log';
import {
  expectedKey,
  isMisrouted,
  readRedriveHeader,
  TOPICS,
  type Codec,
  type CodecValue,
  type MemoryEvent,
} from '@soma/events';
import {
  checkCommand,
  revisionOf,
  SomaError,
  type Limits,
  type MemoryCommand,
  type MemoryState,
} from '@soma/memory';
import type { AppliedCommand, MemoryStore } from '@soma/memory-store';
import type { Logger } from '@soma/service';
import type { Cache, Outcomes } from '@soma/cache';
import {
  APPLY,
  publishOutcomes,
  requireAppended,
  type Assignment,
  type Decoded,
  type Handler,
  type Outcome,
  type WorkerBatch,
} from '@soma/worker';
import type { KnownQuotas } from './known-quotas.js';

export interface MemoryCommandsDeps {
  log: EventLog;
  codec: Codec;
  memories: MemoryStore;
  outcomes: Outcomes;
  cache: Cache;
  limits: Limits;
  quotas: Pick<KnownQuotas, 'current'>;
  logger: Logger;
}

/** Memories read at once when states are sent again. */
const PAGE = 200;

/** Positions that one batch may span, with room to spare: what a writer had committed and not yet announced. */
const LONGEST_BATCH = 10_000;

/** What the writer does with memory.commands. */
export function handleMemoryCommands(deps: MemoryCommandsDeps): Handler<CodecValue> {
  return {
    triage: (decoded) => triageMemoryCommand(decoded, deps),
    apply: (batch) => applyMemoryCommands(batch, deps),
    assigned: (assignment) => finishFormerOwner(assignment, deps),
  };
}

function triageMemoryCommand(
  { record, value }: Decoded<CodecValue>,
  { limits, log }: MemoryCommandsDeps,
): Outcome {
  if (!isMemoryCommand(value)) {
    return {
      outcome: 'dead-letter',
      code: 'schema_mismatch',
      message: `${value.type} does not belong in ${TOPICS.memoryCommands}`,
    };
  }
  const refusal = checkCommand(value, limits);
  if (refusal !== undefined) return { outcome: 'dead-letter', code: refusal.code, message: refusal.detail };
  if (isMisrouted(record, value, log.partitions(TOPICS.memoryCommands))) {
    return { outcome: 'redirect', key: expectedKey(value) };
  }
  return APPLY;
}

function isMemoryCommand(value: CodecValue): value is MemoryCommand {
  return value.type === 'StoreMemory' || value.type === 'PatchMemory' || value.type === 'DeleteMemory';
}

/** Postgres first, in one transaction; then whoever waits; then the events. A failure after the transaction is mended by the same path again. */
async function applyMemoryCommands(batch: WorkerBatch<CodecValue>, deps: MemoryCommandsDeps): Promise<void> {
  const commands = batch.records.map(({ record, value }) => {
    if (!isMemoryCommand(value)) throw new SomaError('internal', `triage let a ${value.type} through`);
    return { position: record.position, command: value, redrive_of: readRedriveHeader(record.headers) };
  });
  const { limits, quotas } = deps;
  const applied = await deps.memories.apply({
    progress: batch.move,
    commands,
    limits,
    quotas: quotas.current,
  });
  const told = async (): Promise<void> => {
    await putInCache(applied, deps);
    await publishOutcomes(batch, applied, deps.outcomes);
  };
  await Promise.all([told(), emitChanges(batch, applied, deps)]);
}

/**
 * Before anyone hears of the outcome, so that a read after a 201 or a deletion's 200 does not meet the old state in the
 * cache. What fails here, or is lost in a crash, the cache-invalidator does from the events.
 */
async function putInCache(applied: AppliedCommand[], { cache, logger }: MemoryCommandsDeps): Promise<void> {
  const states = applied.flatMap(({ state }) => state ?? []);
  if (states.length === 0) return;
  await cache.put(states).catch((error: unknown) => {
    logger.debug({ err: error }, 'the cache was not told; the cache-invalidator will');
  });
}

async function emitChanges(
  batch: WorkerBatch<CodecValue>,
  applied: AppliedCommand[],
  deps: MemoryCommandsDeps,
): Promise<void> {
  const { generation, position } = batch.move;
  const repeated = applied.find((command) => command.applied_before);
  if (repeated !== undefined)
    await emitCurrentStates(batch.partition, revisionOf(generation, repeated.position) - 1, deps);
  const events = applied.flatMap(({ state, operation, applied_before }) =>
    state === undefined || applied_before ? [] : [eventOf(state, operation.operation_id)],
  );
  events.push({ type: 'Progress', partition: batch.partition, generation, command_position: position });
  await appendEvents(batch.partition, events, deps);
}

/**
 * A former owner may have died between its transaction and its events. What it committed after the group's offset is
 * sent again as it stands now: consumers take only newer revisions, so a repeat does no harm.
 */
async function finishFormerOwner(
  { partition, claim, committed }: Assignment,
  deps: MemoryCommandsDeps,
): Promise<void> {
  if (claim.position < 0) return announceLastChanges(partition, deps);
  if ((committed ?? 0) > claim.position) return;
  await emitCurrentStates(partition, revisionOf(claim.generation, committed ?? 0) - 1, deps);
  await appendEvents(
    partition,
    [{ type: 'Progress', partition, generation: claim.generation, command_position: claim.position }],
    deps,
  );
}

/**
 * The group begins anew, at the first log of all or at one that was accepted in place of another. Of the other, the
 * last batch may never have been announced, and nothing here says which it was: the latest changes are sent again.
 */
async function announceLastChanges(partition: number, deps: MemoryCommandsDeps): Promise<void> {
  const last = await deps.memories.lastRevision(partition);
  if (last !== undefined) await emitCurrentStates(partition, last - LONGEST_BATCH, deps);
}

/** Sends the present state of every memory of the partition that changed after a revision. */
async function emitCurrentStates(
  partition: number,
  afterRevision: number,
  deps: MemoryCommandsDeps,
): Promise<void> {
  for (let after = afterRevision; ;) {
    const states = await deps.memories.changedSince({ partition, after, limit: PAGE });
    const last = states.at(-1);
    if (last === undefined) return;
    await appendEvents(
      partition,
      states.map((state) => eventOf(state, null)),
      deps,
    );
    after = last.revision;
  }
}

function eventOf(state: MemoryState, commandId: string | null): MemoryEvent {
  if (!state.deleted) return { type: 'MemoryStored', command_id: commandId, memory: state };
  const { namespace, key, coord, version, revision, updated_at } = state;
  return {
    type: 'MemoryDeleted',
    command_id: commandId,
    namespace,
    key,
    coord,
    version,
    revision,
    deleted_at: updated_at,
  };
}

/** Events go to the partition of the commands that made them, whatever their key. */
async function appendEvents(
  partition: number,
  events: MemoryEvent[],
  { log, codec }: MemoryCommandsDeps,
): Promise<void> {
  const records: NewRecord[] = await Promise.all(
    events.map(async (event) => ({ ...(await codec.encodeEvent(event)), partition })),
  );
  requireAppended(await log.append(records));
}
