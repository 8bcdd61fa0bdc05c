import { formatTime, presentMemory, type Memory } from '@soma/memory';
import type { ChangeToTell } from '@soma/webhook-store';

/** The body of a message, in the form that Standard Webhooks recommends: what happened, when, and to what. */
export function messageOf(
  { event, coord, version, operation_id, at }: ChangeToTell,
  namespace: string,
  memory: Memory | null,
): string {
  const presented = memory === null ? null : presentMemory(memory);
  return JSON.stringify({
    type: event,
    timestamp: formatTime(at),
    data: { namespace, coord, version, memory: presented, operation_id },
  });
}
