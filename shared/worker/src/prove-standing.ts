import { proveLog, type EventLog, type TopicPartition } from '@soma/event-log';
import { SomaError } from '@soma/memory';

/** Last position worked off, and what was there; null when nothing was. */
interface Standing {
  position: number;
  fingerprint: string | null;
}

/** Rejects when what stands at our position is not what we worked off, or when the log begins after it. */
export async function proveStanding(
  log: EventLog,
  { topic, partition }: TopicPartition,
  { position, fingerprint }: Standing,
): Promise<void> {
  if (fingerprint === null) return;
  const verdict = await proveLog(log, { topic, partition, position, fingerprint });
  const place = `${topic} partition ${partition}`;
  switch (verdict) {
    case 'same':
      return;
    case 'replaced':
      throw new SomaError(
        'log_replaced',
        `${place} is not the log that was read up to ${position}; docs/errors.md says how to take the new one`,
      );
    case 'truncated':
      throw new SomaError(
        'log_truncated',
        `${place} no longer holds what follows ${position}; docs/errors.md says how to go on from its start`,
      );
  }
}

/** Did a proof fail, rather than the log not answer? */
export function isAnotherLog(error: unknown): error is SomaError {
  return error instanceof SomaError && (error.code === 'log_replaced' || error.code === 'log_truncated');
}
