import type { EventLog } from '@soma/event-log';
import { partitionOf, recordKey, TOPICS, type Codec, type CodecValue } from '@soma/events';
import type { DeadLetterEntry, KeptDeadLetter, Ledger, LinkIdentity, MemoryIdentity } from '@soma/ledger';
import {
  formatOptionalTime,
  formatTime,
  isSomaError,
  parseCoordinate,
  revisionOf,
  type ErrorCode,
} from '@soma/memory';

export function presentEntry(letter: DeadLetterEntry): Record<string, unknown> {
  return {
    id: letter.id,
    status: letter.status,
    group: letter.group,
    topic: letter.topic,
    generation: letter.generation,
    partition: letter.partition,
    position: letter.position,
    code: letter.code,
    message: letter.message,
    attempts: letter.attempts,
    namespace: letter.namespace,
    coord: letter.coord,
    command_id: letter.command_id,
    first_failed_at: formatTime(letter.first_failed_at),
    recorded_at: formatTime(letter.recorded_at),
    changed_at: formatOptionalTime(letter.changed_at),
    changed_by: letter.changed_by,
    redriven_to: letter.redriven_to,
    erased_at: formatOptionalTime(letter.erased_at),
  };
}

export function presentLetter(
  letter: KeptDeadLetter,
  { record, decode_error }: Reading,
  current: Current | null,
): Record<string, unknown> {
  return {
    ...presentEntry(letter),
    key: letter.key,
    headers: letter.headers,
    value_base64: letter.value?.toString('base64') ?? null,
    record,
    decode_error,
    current: presentCurrent(current),
  };
}

/** What a letter's record says, as it can be read now. */
export interface Reading {
  record: CodecValue | null;
  decode_error: { code: ErrorCode; detail: string } | null;
}

/** A record that is a dead letter because reading it meets a bug must be shown all the same. */
export async function readLetter(letter: KeptDeadLetter, codec: Pick<Codec, 'decode'>): Promise<Reading> {
  if (letter.erased_at !== null) return { record: null, decode_error: null };
  try {
    return { record: await codec.decode(letter), decode_error: null };
  } catch (error) {
    const known = isSomaError(error);
    const detail = known ? error.message : 'reading the record fails for an unknown reason';
    return { record: null, decode_error: { code: known ? error.code : 'internal', detail } };
  }
}

/** What the memory or link of a letter is now. */
export interface Current {
  version: number;
  revision: number;
  deleted: boolean;
  updated_at: number;
  /** It changed after the record took its place in the log. */
  newer: boolean;
}

export async function currentOf(
  letter: KeptDeadLetter,
  record: CodecValue | null,
  deps: { ledger: Pick<Ledger, 'standing'>; log: Pick<EventLog, 'partitions'> },
): Promise<Current | null> {
  const subject = subjectOf(letter, record);
  const standing = subject === undefined ? undefined : await deps.ledger.standing(subject);
  if (standing === undefined) return null;
  const revision = revisionOfLetter(letter, record, deps.log);
  // A position elsewhere says nothing of the order; the clocks say about what it was.
  const newer =
    revision === undefined ? standing.updated_at > letter.recorded_at : standing.revision > revision;
  return { ...standing, newer };
}

export function presentCurrent(current: Current | null): Record<string, unknown> | null {
  return current === null ? null : { ...current, updated_at: formatTime(current.updated_at) };
}

function subjectOf(
  { namespace, memory_key, topic }: KeptDeadLetter,
  record: CodecValue | null,
): MemoryIdentity | LinkIdentity | undefined {
  if (topic !== TOPICS.graphCommands) {
    return namespace === null || memory_key === null ? undefined : { namespace, key: memory_key };
  }
  if (record === null || !('link_type' in record)) return undefined;
  const [from, to] = [parseCoordinate(record.from_coord), parseCoordinate(record.to_coord)];
  if (from === undefined || to === undefined) return undefined;
  return { namespace: record.namespace, from_key: from.key, to_key: to.key, link_type: record.link_type };
}

/** The revision that the record's effect would have had; undefined when it stands outside the one order of its memory. */
function revisionOfLetter(
  { topic, generation, partition, position, namespace, memory_key }: KeptDeadLetter,
  record: CodecValue | null,
  log: Pick<EventLog, 'partitions'>,
): number | undefined {
  if (topic === TOPICS.memoryEvents) {
    if (record?.type === 'MemoryStored') return record.memory.revision;
    return record?.type === 'MemoryDeleted' ? record.revision : undefined;
  }
  if (namespace === null || memory_key === null) return undefined;
  const inOrder = partitionOf(recordKey(namespace, memory_key), log.partitions(topic)) === partition;
  return inOrder ? revisionOf(generation, position) : undefined;
}
