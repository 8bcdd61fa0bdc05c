import { setTimeout as sleep } from 'node:timers/promises';
import { TOPICS } from '@soma/events';
import type { JobHandler, Jobs, JobWork } from '@soma/jobs';
import { isSomaError, SomaError, type JsonValue } from '@soma/memory';
import { asResult, differencesIn, patiently, verify, type Verification } from '@soma/projections';
import type { Ledger } from '@soma/ledger';
import type { Collections, PartitionProgress } from '@soma/vector-index';
import { fillFromStore, revisionReached } from './fill-from-store.js';
import { indexProjection, type IndexProjectionDeps } from './index-projection.js';

export interface RebuildIndexDeps extends IndexProjectionDeps {
  ledger: Ledger;
  jobs: Jobs;
  collections: Collections;
  /** What the model's first collection is called; later ones are named after it. */
  collection: string;
  /** How long searches may still name the former collection, milliseconds. */
  retireMs?: number;
}

/** How far each partition's commands were carried out once every event was written to the new collection too. */
type Targets = [partition: number, progress: PartitionProgress][];

type Cursor =
  | { phase: 'filling'; name: string; targets: Targets; place: number; after: number; filled: number }
  | { phase: 'comparing'; name: string; filled: number; state: JsonValue }
  | { phase: 'retiring'; name: string; former: string | null; filled: number; verification: Verification };

/** Longer than any search takes together with the second for which searches keep the name. */
const RETIRE_MS = 15_000;
const BEAT_MS = 1_000;
const EVERYTHING = { sample: null, namespace: null };

/**
 * Builds the index anew from Postgres beside the one that is used, while writes go to both; compares the new one with
 * the memories, and lets searches use it only when they are equal.
 */
export function rebuildIndex(deps: RebuildIndexDeps): JobHandler {
  return async (work) => {
    try {
      return await rebuild(work, deps);
    } catch (error) {
      if (!work.signal.aborted) await abandonIfOver(work, error, deps);
      throw error;
    }
  };
}

async function rebuild(work: JobWork, deps: RebuildIndexDeps) {
  const total = 3 * (await deps.memories.heads.count(null));
  let cursor = (work.job.cursor as unknown as Cursor | null) ?? (await begin(work.job.job_id, deps));
  const save: Save = (next, done) =>
    work.save({ cursor: next as unknown as JsonValue, done, total: Math.max(total, done) });
  await save(cursor, cursor.filled);
  if (cursor.phase === 'filling') cursor = await fill(cursor, save, work.signal, deps);
  if (cursor.phase === 'comparing') cursor = await compare(cursor, save, work.signal, deps);
  await retire(cursor, save, work.signal, deps);
  return { ...asResult(cursor.verification), collection: cursor.name };
}

type Save = (cursor: Cursor, done: number) => Promise<void>;

/** Events go to both collections from here on; what the commands up to the targets made is read from Postgres. */
async function begin(jobId: string, deps: RebuildIndexDeps): Promise<Cursor> {
  const { index, collections, collection, embedder, ledger } = deps;
  await tidyCollections(deps);
  const name = `${collection}-${jobId.slice(0, 8)}`;
  await index.ensureCollection({ name, model: embedder.model, dimension: embedder.dimension });
  await collections.build(name);
  const progress = await ledger.progress();
  const targets = progress
    .filter(({ group, topic }) => group === 'writer' && topic === TOPICS.memoryCommands)
    .map(({ partition, generation, position }): Targets[number] => [
      partition,
      { generation, command_position: position },
    ]);
  return { phase: 'filling', name, targets, place: 0, after: -1, filled: 0 };
}

async function fill(
  begun: Extract<Cursor, { phase: 'filling' }>,
  save: Save,
  signal: AbortSignal,
  deps: RebuildIndexDeps,
): Promise<Extract<Cursor, { phase: 'comparing' }>> {
  let cursor = begun;
  const steady = { signal, beat: () => save(cursor, cursor.filled) };
  for (const [partition, progress] of begun.targets.slice(begun.place)) {
    await patiently(
      () =>
        fillFromStore(
          {
            collection: cursor.name,
            partition,
            after: cursor.after,
            upTo: revisionReached(progress),
            signal,
            onPage: (after, states) => {
              cursor = { ...cursor, after, filled: cursor.filled + states };
              return save(cursor, cursor.filled);
            },
          },
          deps,
        ),
      steady,
    );
    await patiently(() => deps.index.setProgress(cursor.name, partition, progress), steady);
    cursor = { ...cursor, place: cursor.place + 1, after: -1 };
    await save(cursor, cursor.filled);
  }
  return { phase: 'comparing', name: cursor.name, filled: cursor.filled, state: null };
}

async function compare(
  cursor: Extract<Cursor, { phase: 'comparing' }>,
  save: Save,
  signal: AbortSignal,
  deps: RebuildIndexDeps,
): Promise<Extract<Cursor, { phase: 'retiring' }>> {
  const { name, filled } = cursor;
  const verification = await verify({
    projection: indexProjection(name, EVERYTHING, signal, deps),
    ledger: deps.ledger,
    repair: true,
    signal,
    from: cursor.state,
    save: (state, looked) => save({ ...cursor, state }, filled + looked),
  });
  const left = differencesIn(verification) - verification.repaired;
  if (left > 0)
    throw new SomaError(
      'internal',
      `${left} memories differ in the collection that was built; the former one stays`,
    );
  const { active, retiring } = await deps.collections.read();
  await deps.collections.activate(name);
  return { phase: 'retiring', name, former: active === name ? retiring : active, filled, verification };
}

/** Searches and indexers in other processes learn of the new collection before the former one goes. */
async function retire(
  cursor: Extract<Cursor, { phase: 'retiring' }>,
  save: Save,
  signal: AbortSignal,
  { index, collections, retireMs = RETIRE_MS }: RebuildIndexDeps,
): Promise<void> {
  const beat = () => save(cursor, 3 * cursor.filled);
  await beat();
  for (const began = performance.now(); performance.now() - began < retireMs;) {
    await sleep(Math.min(BEAT_MS, retireMs), undefined, { signal });
    await beat();
  }
  const { former } = cursor;
  if (former !== null) await patiently(() => forget(former, { collections, index }), { signal, beat });
}

/** What was being built goes when nobody will go on with it. */
async function abandonIfOver(work: JobWork, error: unknown, deps: RebuildIndexDeps): Promise<void> {
  const job = await deps.jobs.get(work.job.job_id);
  const isFailing = isSomaError(error) ? !error.retryable : job?.state === 'cancelled';
  if (isFailing) await dropUnused(deps);
}

/** Collections of rebuilds that ended before their end: nobody goes on with them, and they would be written for ever. */
export async function tidyCollections(
  deps: Pick<RebuildIndexDeps, 'jobs' | 'collections' | 'index'>,
): Promise<void> {
  const open = (await deps.jobs.list(MOST_JOBS)).filter(
    ({ kind, state }) => kind === 'rebuild-index' && state === 'running',
  );
  // The one that asks may be among them, with nothing begun.
  if (open.every(({ cursor }) => cursor === null)) await dropUnused(deps);
}

const MOST_JOBS = 1_000;

async function dropUnused({
  collections,
  index,
}: Pick<RebuildIndexDeps, 'collections' | 'index'>): Promise<void> {
  const { building, retiring } = await collections.read();
  for (const name of [building, retiring]) {
    if (name !== null) await forget(name, { collections, index });
  }
}

/** First nobody writes it any more: an indexer that is about to fails, tries again and knows better. */
async function forget(
  name: string,
  { collections, index }: Pick<RebuildIndexDeps, 'collections' | 'index'>,
): Promise<void> {
  await collections.leave(name);
  await index.dropCollection(name);
}
