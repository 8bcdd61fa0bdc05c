import type { EventLog } from '@soma/event-log';
import { TOPICS } from '@soma/events';
import { projectionsAfter, type Positions, type ProgressRequirement, type ProgressWatch } from '@soma/ledger';

/** Between two signs of life to the job, milliseconds. */
const STEP_MS = 5_000;

export interface Following {
  watch: Pick<ProgressWatch, 'reached'>;
  generation: number;
  signal: AbortSignal;
  /** Keeps the job's lease; rejects when the work must stop. */
  alive: () => Promise<void>;
}

/** As long as it takes: a group that is out is waited for. */
async function follow(requirement: ProgressRequirement, { watch, signal, alive }: Following): Promise<void> {
  while (!(await watch.reached(requirement, STEP_MS, signal))) await alive();
}

/** The writer has carried out what stands in memory.commands up to these positions. */
export function writerReached(positions: Positions, following: Following): Promise<void> {
  const { generation } = following;
  const of = { group: 'writer', topic: TOPICS.memoryCommands, of: 'position' } as const;
  return follow({ ...of, generation, positions }, following);
}

/** Index, links and cache are as the memories were after these commands. */
export async function projectionsReached(positions: Positions, following: Following): Promise<void> {
  for (const requirement of projectionsAfter(following.generation, positions)) {
    await follow(requirement, following);
  }
}

/** Every write of a memory that was accepted before this call is in the store. */
export async function memoriesSettled(log: Pick<EventLog, 'bounds'>, following: Following): Promise<void> {
  await writerReached(await endsOf(log, TOPICS.memoryCommands), following);
}

/** Links too: what is to be erased can be found there. */
export async function commandsSettled(log: Pick<EventLog, 'bounds'>, following: Following): Promise<void> {
  const { generation } = following;
  const positions = await endsOf(log, TOPICS.graphCommands);
  await memoriesSettled(log, following);
  const graph = { group: 'graph', topic: TOPICS.graphCommands, of: 'position' } as const;
  await follow({ ...graph, generation, positions }, following);
}

async function endsOf(
  log: Pick<EventLog, 'bounds'>,
  topic: 'memory.commands' | 'graph.commands',
): Promise<Positions> {
  const bounds = await log.bounds(topic);
  const filled = bounds.filter(({ end }) => end > 0);
  return Object.fromEntries(filled.map(({ partition, end }) => [partition, end - 1]));
}
