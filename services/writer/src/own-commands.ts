import type { EventLog } from '@soma/event-log';
import type { Codec } from '@soma/events';
import { raise, type Positions } from '@soma/ledger';
import type { DeleteMemory } from '@soma/memory';
import { requireAppended } from '@soma/worker';
import { v5 } from 'uuid';

/** The name space of ids that the writer derives (RFC 9562 section 5.5). */
const OWN_COMMANDS = '5b7a0b0e-1c0a-4d0e-8f52-9a1c8a3f7e21';

/** The same id for the same reason and memory, so that what is sent again after a crash has one effect. */
export function derivedId(reason: string, ...of: (string | number)[]): string {
  return v5(JSON.stringify([reason, ...of]), OWN_COMMANDS);
}

/**
 * Commands that the service itself sends go the way of all others. The answer is the last position of each partition.
 * @throws SomaError event_log_unavailable
 */
export async function appendCommands(
  commands: readonly DeleteMemory[],
  { log, codec }: { log: EventLog; codec: Codec },
): Promise<Positions> {
  const records = await Promise.all(commands.map((command) => codec.encodeCommand(command)));
  const results = await log.append(records);
  requireAppended(results);
  const positions: Positions = {};
  for (const result of results) {
    if (result.ok) raise(positions, result.partition, result.position);
  }
  return positions;
}
