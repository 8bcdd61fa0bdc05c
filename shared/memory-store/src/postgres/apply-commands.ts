import { Inbox, type InboxEntry, type Outcome } from '@soma/ledger/postgres';
import {
  decide,
  parseCoordinate,
  SomaError,
  type Decision,
  type MemoryCommand,
  type MemoryState,
} from '@soma/memory';
import type { Queryable } from '@soma/postgres';
import type { AppliedCommand, CommandBatch, PositionedCommand } from '../port.js';
import { BatchUsage } from '../usage.js';
import { eraseTraces, type Erasure } from './erase-traces.js';
import { idText, lockStates, type MemoryId } from './read-states.js';
import { addUsage, usedBy } from './usage.js';
import { writeHistory, writeStates, type Change, type WrittenState } from './write-states.js';

/** The memories of one transaction as they stand after the commands so far, and every version on the way. */
interface Working {
  usage: BatchUsage;
  states: Map<string, MemoryState>;
  changed: Map<string, WrittenState>;
  changes: Change[];
  erasures: Erasure[];
}

/**
 * One batch in the caller's transaction. Nine statements with begin and commit apart: locks, what was seen, the
 * memories; memories, history, what namespaces hold, operations, dead letters (when there are any), progress. One more
 * for namespaces with a quota, two more when it erases.
 */
export async function applyCommands(tx: Queryable, batch: CommandBatch): Promise<AppliedCommand[]> {
  const entries = batch.commands.map(entryOf);
  const inbox = await Inbox.open(tx, batch.progress, entries);
  const touched = entries.filter((entry) => inbox.mayBeNew(entry)).map((entry) => entry.id);
  const namespaces = touched.map(({ namespace }) => namespace);
  const working: Working = {
    states: await lockStates(tx, touched),
    usage: new BatchUsage(batch.quotas, await usedBy(tx, namespaces, batch.quotas)),
    changed: new Map(),
    changes: [],
    erasures: [],
  };
  const applied = entries.flatMap((entry) => applyOne(entry, inbox, working, batch));
  await writeStates(tx, [...working.changed.values()], batch.progress.partition);
  await writeHistory(tx, working.changes, batch.progress.partition);
  await addUsage(tx, working.usage.added, batch.progress.partition);
  await inbox.close();
  // Last, so that what this very batch has written down is reached too.
  await eraseTraces(tx, working.erasures, batch.progress);
  return applied;
}

interface Entry extends InboxEntry {
  command: MemoryCommand;
  id: MemoryId;
}

function entryOf({ position, command, redrive_of }: PositionedCommand): Entry {
  const coordinate = parseCoordinate(command.coord);
  if (coordinate === undefined)
    throw new SomaError('internal', 'apply was given a command that checkCommand refuses');
  const id = { namespace: command.namespace, key: coordinate.key };
  return { position, envelope: command, coord: command.coord, redrive_of, command, id };
}

/** Empty when nothing is known of it any more. */
function applyOne(entry: Entry, inbox: Inbox, working: Working, batch: CommandBatch): AppliedCommand[] {
  const { position } = entry;
  const answer = inbox.answer(entry);
  switch (answer.verdict) {
    case 'forgotten':
      return [];
    case 'known': {
      const { operation, replayed, applied_before } = answer;
      return [{ position, operation, replayed, state: undefined, applied_before }];
    }
    case 'new': {
      const moment = { now: inbox.now, revision: inbox.revisionAt(position), limits: batch.limits };
      const current = working.states.get(idText(entry.id));
      const decision = withinQuota(decide(current, entry.command, moment), current, working.usage);
      const operation = inbox.record(entry, outcomeOf(decision, entry.command));
      const state = stateOf(decision);
      if (state !== undefined) {
        working.usage.add(current, state);
        const { operation_id, issuer } = operation;
        change(working, { state, operation_id, issuer }, entry.command.issued_at);
      }
      if (state !== undefined && isErasing(entry.command)) {
        const { operation_id } = operation;
        working.erasures.push({ ...entry.id, revision: state.revision, position, operation_id });
      }
      return [{ position, operation, replayed: false, state, applied_before: false }];
    }
  }
}

function withinQuota(decision: Decision, current: MemoryState | undefined, usage: BatchUsage): Decision {
  const state = stateOf(decision);
  const refusal = state === undefined ? undefined : usage.refusalOf(current, state);
  return refusal === undefined ? decision : { outcome: 'rejected', ...refusal };
}

function isErasing(command: MemoryCommand): boolean {
  return command.type === 'DeleteMemory' && command.erase;
}

function change({ states, changed, changes }: Working, made: Change, issuedAt: number): void {
  const { state } = made;
  const id = idText(state);
  const before = changed.get(id);
  const livesOn = before !== undefined && !before.state.deleted && !state.deleted;
  states.set(id, state);
  changed.set(id, { state, issued_at: livesOn ? before.issued_at : issuedAt });
  changes.push(made);
}

function stateOf(decision: Decision): MemoryState | undefined {
  if (decision.outcome === 'stored') return decision.memory;
  return decision.outcome === 'deleted' ? decision.tombstone : undefined;
}

function outcomeOf(decision: Decision, command: MemoryCommand): Outcome {
  const none = {
    status: 'stored',
    deleted: null,
    created: false,
    version: null,
    memory_type: null,
    error: null,
  } as const;
  switch (decision.outcome) {
    case 'stored': {
      const { version, memory_type } = decision.memory;
      return { ...none, created: decision.created, version, memory_type };
    }
    case 'deleted':
      return { ...none, deleted: decision.existed, version: decision.tombstone.version };
    case 'unchanged':
      return { ...none, deleted: command.type === 'DeleteMemory' ? false : null, version: decision.version };
    case 'rejected':
      return { ...none, status: 'rejected', error: { code: decision.code, detail: decision.detail } };
  }
}
