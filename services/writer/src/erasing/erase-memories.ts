import type { EventLog } from '@soma/event-log';
import { keptUntil, TOPICS, type Codec } from '@soma/events';
import type { JobHandler, JobWork } from '@soma/jobs';
import { furthest, type Ledger, type Positions, type ProgressWatch } from '@soma/ledger';
import { NO_CONDITIONS, SomaError, type DeleteMemory, type JsonObject, type JsonValue } from '@soma/memory';
import type { Erasing, ErasureTarget } from '@soma/memory-store';
import { appendCommands, derivedId } from '../own-commands.js';
import { commandsSettled, projectionsReached, writerReached, type Following } from './follow.js';
import { readEraseRequest, type EraseRequest } from './request.js';

export interface EraseMemoriesDeps {
  log: EventLog;
  codec: Codec;
  ledger: Pick<Ledger, 'installation' | 'operations'>;
  erasing: Erasing;
  watch: Pick<ProgressWatch, 'reached'>;
}

/** Memories that one step erases. */
const PAGE = 100;

/** Where the work stands; the job's cursor. */
interface Progress {
  matched: number;
  /** The last key that counts; later ones came after the erasure began. */
  until: string | null;
  /** Everything up to this key is done. */
  after: string | null;
  /** What is under way behind it: after a crash the very same commands are sent again. */
  page: ErasureTarget[];
  erased: number;
  /** Changed since they were matched, so left alone. */
  spared: number;
  letters: number;
  /** Of the commands so far. */
  positions: Positions;
}

/**
 * Erases memories by one command each. Bears to be begun again anywhere: a command's id is made of the job and the
 * memory, and what a page came to is read from the ledger.
 */
export function eraseMemories(deps: EraseMemoriesDeps): JobHandler {
  return async (work) => {
    const request = readEraseRequest(work.job.request);
    const { generation } = await deps.ledger.installation();
    let progress = progressOf(work.job.cursor);
    const following: Following = {
      ...deps,
      generation,
      signal: work.signal,
      alive: () => save(work, progress),
    };
    progress ??= await match(request, deps, following);
    if (request.dry_run) return { matched: progress.matched, erased: 0, dry_run: true };
    for (;;) {
      progress = await nextPage(request, progress, deps);
      await save(work, progress);
      if (progress.page.length === 0) break;
      progress = await erasePage(request, progress, work, deps, following);
      await save(work, progress);
    }
    await projectionsReached(progress.positions, following);
    return finish(request, progress, work, deps);
  };
}

/** @throws SomaError too_many_matched */
async function match(
  { namespace, selection, at_most }: EraseRequest,
  { log, erasing }: EraseMemoriesDeps,
  following: Following,
): Promise<Progress> {
  await commandsSettled(log, following);
  const { count, last } = await erasing.count({ namespace, selection }, at_most + 1);
  if (count > at_most) {
    throw new SomaError('too_many_matched', `more than ${at_most} memories match; nothing was erased`);
  }
  const none = { erased: 0, spared: 0, letters: 0, positions: {} };
  return { matched: count, until: last, after: null, page: [], ...none };
}

async function nextPage(
  { namespace, selection }: EraseRequest,
  progress: Progress,
  { erasing }: EraseMemoriesDeps,
): Promise<Progress> {
  const { page, after, until } = progress;
  // Null: nothing matched. A page that is there was under way when another process died.
  if (page.length > 0 || until === null) return progress;
  return { ...progress, page: await erasing.targets({ namespace, selection, after, until, limit: PAGE }) };
}

async function erasePage(
  request: EraseRequest,
  progress: Progress,
  { job }: JobWork,
  { log, codec, ledger, erasing }: EraseMemoriesDeps,
  following: Following,
): Promise<Progress> {
  const { page } = progress;
  const commands = page.map((target) => erasingCommand(target, request, job));
  const appended = await appendCommands(commands, { log, codec });
  await writerReached(appended, following);
  const ids = commands.map(({ command_id }) => command_id);
  const operations = await ledger.operations(request.namespace, ids);
  if (operations.some((operation) => operation === undefined || operation.status === 'dead_lettered')) {
    throw new SomaError('internal', 'a command of the erasure was not carried out');
  }
  const erased = operations.filter((operation) => operation?.status === 'stored').length;
  return {
    ...progress,
    after: page.at(-1)?.key ?? progress.after,
    page: [],
    erased: progress.erased + erased,
    spared: progress.spared + page.length - erased,
    letters: progress.letters + (await erasing.lettersErasedBy(ids)),
    positions: furthest(progress.positions, appended),
  };
}

/** Of a filter the version is expected that matched it: a memory that was renewed meanwhile may no longer. */
function erasingCommand(
  { key, coord, version, revision }: ErasureTarget,
  { namespace, selection }: EraseRequest,
  { job_id, issuer }: JobWork['job'],
): DeleteMemory {
  const byFilter = selection !== 'all' && 'filter' in selection;
  const if_match = byFilter && version !== null ? [{ version, revision }] : null;
  return {
    type: 'DeleteMemory',
    command_id: derivedId('erase', job_id, key),
    namespace,
    coord,
    request_hash: null,
    issued_at: Date.now(),
    issuer,
    bound_to_user: null,
    conditions: { ...NO_CONDITIONS, if_match },
    erase: true,
    only_expired: false,
  };
}

/** What no command reached: of a whole namespace, letters of which nobody can tell the memory. */
async function finish(
  { namespace, selection }: EraseRequest,
  { matched, erased, spared, letters }: Progress,
  { job }: JobWork,
  { erasing }: EraseMemoriesDeps,
): Promise<JsonObject> {
  let others = 0;
  if (selection === 'all') {
    await erasing.eraseLetters({ namespace, until: job.created_at, id: job.job_id });
    others = await erasing.lettersErasedBy([job.job_id]);
  }
  const now = Date.now();
  const log_clean_by = Object.fromEntries(
    Object.values(TOPICS).map((topic) => [topic, new Date(keptUntil(topic, now)).toISOString()]),
  );
  return { matched, erased, spared, dead_letters_erased: letters + others, log_clean_by };
}

function progressOf(cursor: JsonValue): Progress | undefined {
  return cursor === null ? undefined : (cursor as unknown as Progress);
}

function save(work: JobWork, progress: Progress | undefined): Promise<void> {
  const done = (progress?.erased ?? 0) + (progress?.spared ?? 0);
  return work.save({
    cursor: (progress ?? null) as unknown as JsonValue,
    done,
    total: progress?.matched ?? null,
  });
}
