import type { JobHandler, JobWork } from '@soma/jobs';
import type { Ledger, ProgressWatch } from '@soma/ledger';
import { NO_CONDITIONS, type DeleteMemory, type JsonObject } from '@soma/memory';
import type { Erasing, ErasureTarget } from '@soma/memory-store';
import {
  deleteByPages,
  matchTargets,
  progressOf,
  saveProgress,
  type DeletionDeps,
  type DeletionProgress,
} from '../bulk/delete-by-pages.js';
import { commandsSettled, projectionsReached, type Following } from '../follow.js';
import { logCleanBy } from '../log-clean-by.js';
import { derivedId } from '../own-commands.js';
import { readEraseRequest, type EraseRequest } from './request.js';

export interface EraseMemoriesDeps extends DeletionDeps {
  ledger: Pick<Ledger, 'installation' | 'operations'>;
  erasing: Erasing;
  watch: Pick<ProgressWatch, 'reached'>;
}

/** Erases memories by one command each: a command's id is made of the job and the memory. */
export function eraseMemories(deps: EraseMemoriesDeps): JobHandler {
  return async (work) => {
    const request = readEraseRequest(work.job.request);
    const { generation } = await deps.ledger.installation();
    let progress = progressOf(work.job.cursor);
    const alive = (): Promise<void> => saveProgress(work, progress);
    const following: Following = { ...deps, generation, signal: work.signal, alive };
    if (progress === undefined) {
      await commandsSettled(deps.log, following);
      progress = await matchTargets(request, request.at_most, deps.erasing);
    }
    if (request.dry_run) return { matched: progress.matched, erased: 0, dry_run: true };
    const commandOf = (target: ErasureTarget): DeleteMemory => erasingCommand(target, request, work.job);
    progress = await deleteByPages({ ...request, commandOf }, progress, work, deps, following);
    await projectionsReached(progress.positions, following);
    return finish(request, progress, work, deps);
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
  { matched, deleted: erased, spared, letters }: DeletionProgress,
  { job }: JobWork,
  { erasing }: EraseMemoriesDeps,
): Promise<JsonObject> {
  let others = 0;
  if (selection === 'all') {
    await erasing.eraseLetters({ namespace, until: job.created_at, id: job.job_id });
    others = await erasing.lettersErasedBy([job.job_id]);
  }
  return {
    matched,
    erased,
    spared,
    dead_letters_erased: letters + others,
    log_clean_by: logCleanBy(Date.now()),
  };
}
