import type { Command } from '@soma/memory';
import type { MemoryEvent } from './event.js';
import { TOPICS, type Topic } from './topics.js';

/** What a record on one of the topics says once it is decoded. */
export type CodecValue = Command | MemoryEvent;
export type RecordName = CodecValue['type'];

/** The topic that each record belongs to. memory.dlq holds all of them, as they came. */
export const TOPIC_OF = {
  StoreMemory: TOPICS.memoryCommands,
  PatchMemory: TOPICS.memoryCommands,
  DeleteMemory: TOPICS.memoryCommands,
  LinkMemories: TOPICS.graphCommands,
  UnlinkMemories: TOPICS.graphCommands,
  MemoryStored: TOPICS.memoryEvents,
  MemoryDeleted: TOPICS.memoryEvents,
  Progress: TOPICS.memoryEvents,
} as const satisfies Record<RecordName, Topic>;

export const RECORD_NAMES = Object.keys(TOPIC_OF) as RecordName[];

export function isRecordName(name: string): name is RecordName {
  return Object.hasOwn(TOPIC_OF, name);
}

/** What other systems may send; the rest tells what the services did. */
export function isCommand(value: CodecValue): value is Command {
  return TOPIC_OF[value.type] !== TOPICS.memoryEvents;
}

export function belongsTo(topic: Topic, name: RecordName): boolean {
  return topic === TOPICS.deadLetters || topic === TOPIC_OF[name];
}

/** Schema registry subject of a record: TopicRecordNameStrategy with the short name. */
export function subjectOf(name: RecordName): string {
  return `${TOPIC_OF[name]}-${name}`;
}
