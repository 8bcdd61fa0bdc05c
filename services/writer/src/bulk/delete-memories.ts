import type { Job, JobHandler } from '@soma/jobs';
import type { Ledger, ProgressWatch } from '@soma/ledger';
import { NO_CONDITIONS, type DeleteMemory, type JsonObject } from '@soma/memory';
import type { Erasing, ErasureSelection, ErasureTarget } from '@soma/memory-store';
import { commandsSettled, memoriesSettled, type Following } from '../follow.js';
import { logCleanBy } from '../log-clean-by.js';
import { derivedId } from '../own-commands.js';
import {
  deleteByPages,
  matchTargets,
  progressOf,
  saveProgress,
  type DeletionDeps,
  type DeletionProgress,
} from './delete-by-pages.js';
import { readDeleteRequest, type DeleteRequest } from './request.js';

export interface DeleteMemoriesDeps extends DeletionDeps {
  ledger: Pick<Ledger, 'installation' | 'operations'>;
  erasing: Pick<Erasing, 'targets' | 'count' | 'lettersErasedBy'>;
  watch: Pick<ProgressWatch, 'reached'>;
}

/**
 * Deletes the memories that pass a caller's filter, everything accepted before the request among them. Each command
 * expects the version that was matched, so that a memory written meanwhile survives.
 */
export function deleteMemories(deps: DeleteMemoriesDeps): JobHandler {
  return async (work) => {
    const request = readDeleteRequest(work.job.request);
    const selection = selectionOf(request);
    const { generation } = await deps.ledger.installation();
    let progress = progressOf(work.job.cursor);
    const alive = (): Promise<void> => saveProgress(work, progress);
    const following: Following = { ...deps, generation, signal: work.signal, alive };
    if (progress === undefined) {
      await (request.erase ? commandsSettled : memoriesSettled)(deps.log, following);
      progress = await matchTargets({ ...request, selection }, request.at_most, deps.erasing);
      await saveProgress(work, progress);
    }
    if (!request.dry_run) {
      const commandOf = (target: ErasureTarget): DeleteMemory => commandFor(target, request, work.job);
      const deletion = { namespace: request.namespace, selection, commandOf };
      progress = await deleteByPages(deletion, progress, work, deps, following);
    }
    const erased = request.erase && !request.dry_run ? { log_clean_by: logCleanBy(Date.now()) } : {};
    return { ...resultOf(progress, generation), ...erased };
  };
}

/** A deletion means what readers see; an erasure what is stored, expired memories too. */
function selectionOf({ filter, erase }: DeleteRequest): ErasureSelection {
  return erase ? { filter } : { live: filter };
}

function commandFor(
  { key, coord, version, revision }: ErasureTarget,
  { namespace, erase, bound_to_user }: DeleteRequest,
  { job_id, issuer }: Job,
): DeleteMemory {
  return {
    type: 'DeleteMemory',
    command_id: derivedId('delete', job_id, key, version ?? 0),
    namespace,
    coord,
    request_hash: null,
    issued_at: Date.now(),
    issuer,
    bound_to_user,
    conditions: { ...NO_CONDITIONS, if_match: version === null ? [] : [{ version, revision }] },
    erase,
    only_expired: false,
  };
}

/** `generation` and `positions` are what a consistency token of the deletions is made of. */
function resultOf({ matched, deleted, spared, positions }: DeletionProgress, generation: number): JsonObject {
  return { matched, deleted, spared, generation, positions };
}
