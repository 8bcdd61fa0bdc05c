import type { JobHandler } from '@soma/jobs';
import { isSomaError, SomaError, type JsonObject } from '@soma/memory';
import type { EmbedderSpec, IndexGeneration, NewGeneration } from '@soma/vector-index';
import { buildGeneration, type BuildingDeps } from './build-generation.js';
import { activeOf, collectionForJob } from './rebuild-index.js';
import { switchTo } from './switch-generation.js';

interface ReindexRequest {
  spec: EmbedderSpec;
  rate: number | null;
  sample: number | null;
}

/** Builds the index of another embedder beside the one that is used; the former one is kept for a rollback. */
export function reindex(deps: BuildingDeps): JobHandler {
  return async (work) => {
    const { spec, rate, sample } = requestOf(work.job.request);
    const design = () => designOf(spec, work.job.job_id, deps);
    const result = await buildGeneration(work, { design, former: 'kept', rate, sample }, deps);
    return { ...result, ...(await standing(deps)) };
  };
}

/** Lets searches use the kept generation again, and keeps the one that they used. */
export function rollBack(deps: BuildingDeps): JobHandler {
  return async ({ job, signal, save }) => {
    const beat = () => save({ cursor: job.cursor, done: 0, total: null });
    // After a crash the step itself may be done.
    const goal = collectionIn(job.cursor) ?? keptOf(await deps.generations.read()).collection;
    await save({ cursor: { collection: goal }, done: 0, total: null });
    const kept = (await deps.generations.read()).find(({ collection }) => collection === goal);
    if (kept === undefined) throw nothingKept();
    await switchTo(deps.generations.open(kept), 'kept', { signal, beat }, deps);
    return standing(deps);
  };
}

/** Lets the kept generation go. */
export function finishReindex(deps: BuildingDeps): JobHandler {
  return async () => {
    const kept = keptOf(await deps.generations.read());
    await deps.collections.retire(kept.collection);
    return standing(deps);
  };
}

function collectionIn(cursor: unknown): string | undefined {
  return (cursor as { collection: string } | null)?.collection;
}

/** What searches use, and what is kept. */
async function standing({ generations }: BuildingDeps): Promise<JsonObject> {
  const rows = await generations.read();
  const kept = rows.find(({ state }) => state === 'kept');
  return { active: presented(activeOf(rows)), kept: kept === undefined ? null : presented(kept) };
}

function presented({ collection, spec, model, dimension }: IndexGeneration): JsonObject {
  const { kind, url } = spec;
  return { collection, embedder: kind, url, model, dimension, settings: { ...spec } };
}

function keptOf(generations: readonly IndexGeneration[]): IndexGeneration {
  const kept = generations.find(({ state }) => state === 'kept');
  if (kept === undefined) throw nothingKept();
  return kept;
}

function nothingKept(): SomaError {
  return new SomaError('invalid_request', 'no former embedder is kept');
}

/** @throws SomaError when it is not another embedder, does not work, or the last reindex is not finished */
async function designOf(spec: EmbedderSpec, jobId: string, deps: BuildingDeps): Promise<NewGeneration> {
  const generations = await deps.generations.read();
  if (generations.some(({ state }) => state === 'kept'))
    throw new SomaError(
      'invalid_request',
      'the embedder before this one is still kept: soma reindex --finish lets it go, --rollback goes back to it',
    );
  const { model, dimension } = await proven(spec, deps);
  const active = activeOf(generations);
  if (spec.kind === active.spec.kind && model === active.model && dimension === active.dimension)
    throw new SomaError(
      'invalid_request',
      'the index is of this embedder already; soma rebuild index makes it anew',
    );
  return { collection: collectionForJob({ model, dimension }, jobId), spec, model, dimension };
}

/** One that does not answer at the start is rather wrong than out. */
async function proven(spec: EmbedderSpec, { generations }: BuildingDeps) {
  try {
    return await generations.prove(spec);
  } catch (error) {
    if (!isSomaError(error)) throw error;
    throw new SomaError(error.code, `the embedder does not work: ${error.message}`, {
      cause: error,
      retryable: false,
    });
  }
}

/** @throws SomaError invalid_request */
function requestOf({ embedder, model, url, dimension, rate, sample }: JsonObject): ReindexRequest {
  const isWhole = (value: unknown): value is number | null => value === null || Number.isInteger(value);
  const isWord = (value: unknown): value is string | null => value === null || typeof value === 'string';
  const [name = null, place = null, size = null] = [model, url, dimension];
  const [pace = null, some = null] = [rate, sample];
  if (typeof embedder !== 'string' || !isWord(name) || !isWord(place) || ![size, pace, some].every(isWhole))
    throw new SomaError('invalid_request', 'the job names no embedder');
  const spec = { kind: embedder, model: name, url: place, dimension: size as number | null };
  return { spec, rate: pace as number | null, sample: some as number | null };
}
