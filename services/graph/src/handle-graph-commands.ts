import type { Outcomes } from '@soma/cache';
import type { EventLog } from '@soma/event-log';
import {
  expectedKey,
  isMisrouted,
  readRedriveHeader,
  TOPICS,
  type Codec,
  type CodecValue,
} from '@soma/events';
import type { GraphStore } from '@soma/graph-store';
import { checkCommand, SomaError, type Limits, type LinkCommand } from '@soma/memory';
import {
  APPLY,
  publishOutcomes,
  type Decoded,
  type Handler,
  type Outcome,
  type WorkerBatch,
} from '@soma/worker';

export interface GraphCommandsDeps {
  log: EventLog;
  codec: Codec;
  links: GraphStore;
  outcomes: Outcomes;
  limits: Limits;
}

/** What the graph worker does with graph.commands. */
export function handleGraphCommands(deps: GraphCommandsDeps): Handler<CodecValue> {
  return {
    triage: (decoded) => triageLinkCommand(decoded, deps),
    apply: (batch) => applyLinkCommands(batch, deps),
  };
}

function triageLinkCommand(
  { record, value }: Decoded<CodecValue>,
  { limits, log }: GraphCommandsDeps,
): Outcome {
  if (!isLinkCommand(value)) {
    return {
      outcome: 'dead-letter',
      code: 'schema_mismatch',
      message: `${value.type} does not belong in ${TOPICS.graphCommands}`,
    };
  }
  const refusal = checkCommand(value, limits);
  if (refusal !== undefined) return { outcome: 'dead-letter', code: refusal.code, message: refusal.detail };
  if (isMisrouted(record, value, log.partitions(TOPICS.graphCommands)))
    return { outcome: 'redirect', key: expectedKey(value) };
  return APPLY;
}

function isLinkCommand(value: CodecValue): value is LinkCommand {
  return value.type === 'LinkMemories' || value.type === 'UnlinkMemories';
}

async function applyLinkCommands(batch: WorkerBatch<CodecValue>, deps: GraphCommandsDeps): Promise<void> {
  const commands = batch.records.map(({ record, value }) => {
    if (!isLinkCommand(value)) throw new SomaError('internal', `triage let a ${value.type} through`);
    return { position: record.position, command: value, redrive_of: readRedriveHeader(record.headers) };
  });
  const applied = await deps.links.apply({ progress: batch.move, commands, limits: deps.limits });
  await publishOutcomes(batch, applied, deps.outcomes);
}
