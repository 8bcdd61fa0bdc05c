import { fingerprintOf } from '@soma/events';
import type { EventLog, TopicPartition } from './port.js';

/** A record that was read before: where it was and what it was. */
export interface Proof extends TopicPartition {
  position: number;
  fingerprint: string;
}

/**
 * Whether the log is still the one in which the record of `proof` was read.
 * `replaced`: it holds another record there, or ends before: a topic made anew, or a restored backup.
 * `truncated`: retention took records after it that were never read.
 * `same`: the record is there, or retention took it and nothing after it.
 */
export async function proveLog(
  log: Pick<EventLog, 'bounds' | 'read'>,
  proof: Proof,
): Promise<'same' | 'replaced' | 'truncated'> {
  const bounds = (await log.bounds(proof.topic)).find(({ partition }) => partition === proof.partition);
  if (bounds === undefined || bounds.end <= proof.position) return 'replaced';
  if (bounds.start > proof.position + 1) return 'truncated';
  if (bounds.start > proof.position) return 'same';
  const record = await log.read(proof.topic, proof.partition, proof.position);
  if (record !== undefined) return fingerprintOf(record) === proof.fingerprint ? 'same' : 'replaced';
  // Retention may have passed it between the two questions.
  const after = (await log.bounds(proof.topic)).find(({ partition }) => partition === proof.partition);
  return after?.start === proof.position + 1 ? 'same' : 'replaced';
}
