import type { EventLog } from '@soma/event-log';
import type { Codec } from '@soma/events';
import type { JobWork } from '@soma/jobs';
import { furthest, type Ledger, type Positions } from '@soma/ledger';
import { SomaError, type DeleteMemory, type JsonValue } from '@soma/memory';
import type { ErasureQuery, ErasureSelection, ErasureTarget, Erasing } from '@soma/memory-store';
import { writerReached, type Following } from '../follow.js';
import { appendCommands } from '../own-commands.js';

/** Memories that one step deletes. */
const PAGE = 100;

/** Where the work stands; the job's cursor. */
export interface DeletionProgress {
  matched: number;
  /** The last key that counts; later ones came after the work began. */
  until: string | null;
  /** Everything up to this key is done. */
  after: string | null;
  /** What is under way behind it: after a crash the very same commands are sent again. */
  page: ErasureTarget[];
  deleted: number;
  /** Changed since they were matched, so left alone. */
  spared: number;
  /** Dead letters whose content went with the memories. */
  letters: number;
  /** Of the commands so far. */
  positions: Positions;
}

export interface Deletion {
  namespace: string;
  selection: ErasureSelection;
  /** The same command for the same memory whenever it is asked. */
  commandOf: (target: ErasureTarget) => DeleteMemory;
}

export interface DeletionDeps {
  log: EventLog;
  codec: Codec;
  ledger: Pick<Ledger, 'operations'>;
  erasing: Pick<Erasing, 'targets' | 'lettersErasedBy'>;
}

export const progressOf = (cursor: JsonValue): DeletionProgress | undefined =>
  cursor === null ? undefined : (cursor as unknown as DeletionProgress);

/** How much there is to do, before any of it is done. @throws SomaError too_many_matched */
export async function matchTargets(
  query: Pick<ErasureQuery, 'namespace' | 'selection'>,
  atMost: number,
  erasing: Pick<Erasing, 'count'>,
): Promise<DeletionProgress> {
  const { count, last } = await erasing.count(query, atMost + 1);
  if (count > atMost) {
    throw new SomaError('too_many_matched', `more than ${atMost} memories match; none was deleted`);
  }
  const none = { deleted: 0, spared: 0, letters: 0, positions: {} };
  return { matched: count, until: last, after: null, page: [], ...none };
}

/**
 * Deletes what was matched by one command each, page by page. Bears to be begun again anywhere: a page is written
 * down before its commands are sent, and what it came to is read from the ledger.
 */
export async function deleteByPages(
  deletion: Deletion,
  matched: DeletionProgress,
  work: Pick<JobWork, 'save'>,
  deps: DeletionDeps,
  watching: Omit<Following, 'alive'>,
): Promise<DeletionProgress> {
  let progress = matched;
  const following: Following = { ...watching, alive: () => saveProgress(work, progress) };
  for (;;) {
    progress = await nextPage(deletion, progress, deps);
    await saveProgress(work, progress);
    if (progress.page.length === 0) return progress;
    progress = await deletePage(deletion, progress, deps, following);
    await saveProgress(work, progress);
  }
}

export function saveProgress(
  work: Pick<JobWork, 'save'>,
  progress: DeletionProgress | undefined,
): Promise<void> {
  const cursor = (progress ?? null) as unknown as JsonValue;
  return work.save({ cursor, done: progress?.deleted ?? 0, total: progress?.matched ?? null });
}

async function nextPage(
  { namespace, selection }: Deletion,
  progress: DeletionProgress,
  { erasing }: DeletionDeps,
): Promise<DeletionProgress> {
  const { page, after, until } = progress;
  // Null: nothing matched. A page that is there was under way when another process died.
  if (page.length > 0 || until === null) return progress;
  return { ...progress, page: await erasing.targets({ namespace, selection, after, until, limit: PAGE }) };
}

async function deletePage(
  { namespace, commandOf }: Deletion,
  progress: DeletionProgress,
  { log, codec, ledger, erasing }: DeletionDeps,
  following: Following,
): Promise<DeletionProgress> {
  const { page } = progress;
  const commands = page.map(commandOf);
  const appended = await appendCommands(commands, { log, codec });
  await writerReached(appended, following);
  const ids = commands.map(({ command_id }) => command_id);
  const operations = await ledger.operations(namespace, ids);
  if (operations.some((operation) => operation === undefined || operation.status === 'dead_lettered')) {
    throw new SomaError('internal', 'a command of the deletion was not carried out');
  }
  const deleted = operations.filter((operation) => operation?.status === 'stored').length;
  return {
    ...progress,
    after: page.at(-1)?.key ?? progress.after,
    page: [],
    deleted: progress.deleted + deleted,
    spared: progress.spared + page.length - deleted,
    letters: progress.letters + (await erasing.lettersErasedBy(ids)),
    positions: furthest(progress.positions, appended),
  };
}
