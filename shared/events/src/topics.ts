/** The four topics. Their names, keys and kept times are the public contract of schemas/README.md. */
export const TOPICS = {
  memoryCommands: 'memory.commands',
  graphCommands: 'graph.commands',
  memoryEvents: 'memory.events',
  deadLetters: 'memory.dlq',
} as const;

export type Topic = (typeof TOPICS)[keyof typeof TOPICS];

const DAY_MS = 86_400_000;

/** How long each topic keeps its records. */
export const RETENTION_MS: Record<Topic, number> = {
  'memory.commands': 7 * DAY_MS,
  'graph.commands': 7 * DAY_MS,
  'memory.events': 7 * DAY_MS,
  'memory.dlq': 30 * DAY_MS,
};

/** The largest record a topic takes, bytes (`max.message.bytes`). */
export const MAX_RECORD_BYTES = 2 * 1024 * 1024;
/** `segment.ms`: retention removes whole segments, so a record may outlive its time by this much. */
export const SEGMENT_MS = 6 * 3_600_000;

/** When a topic has surely let go of what was appended at a time, epoch milliseconds. */
export function keptUntil(topic: Topic, appendedAt: number): number {
  return appendedAt + RETENTION_MS[topic] + SEGMENT_MS;
}

/** One memory, one key, one partition, one order. */
export function recordKey(namespace: string, canonicalCoord: string): string {
  return `${namespace}/${canonicalCoord}`;
}
