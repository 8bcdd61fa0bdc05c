import type { IndexGenerations, OpenGeneration } from '@soma/index-generations';
import type { JobWork } from '@soma/jobs';
import { SomaError, type JsonObject, type JsonValue } from '@soma/memory';
import type { MemoryStore } from '@soma/memory-store';
import { asResult, differencesIn, patiently, verify, type Verification } from '@soma/projections';
import type { NewGeneration } from '@soma/vector-index';
import { catchUp, followingLedger } from './catch-up.js';
import { ensure } from './ensure.js';
import { FILL_PAGE, type FilledPage } from './fill-from-store.js';
import { indexProjection } from './index-projection.js';
import { paceOf, realClock, type Pace } from './pace.js';
import { switchTo, type SwitchDeps } from './switch-generation.js';

export interface BuildingDeps extends SwitchDeps {
  memories: MemoryStore;
  generations: IndexGenerations;
}

export interface BuildPlan {
  /** Says what is to be built, once; after a crash the cursor and the generation's row say it. */
  design: () => Promise<NewGeneration>;
  /** What becomes of the generation that was active. */
  former: 'kept' | 'retiring';
  /** Texts a second; null: as fast as they can. */
  rate: number | null;
  /** How many memories, at random, are compared in the end; null: all. */
  sample: number | null;
}

/** How far the collection is filled stands in the collection. */
interface Cursor {
  collection: string;
  /** States gone through, for the progress of the job. */
  filled: number;
  /** Of the comparison; undefined while it is being filled. */
  comparing?: JsonValue;
}

/** Passes over what was written meanwhile; whatever they leave comes when the generation is joined. */
const MOST_PASSES = 10;

/**
 * Builds a generation from Postgres beside the one that is used, compares it with the memories, and lets searches use
 * it in one step when nothing differs. Nobody waits for it: what is written meanwhile is taken over from Postgres too.
 */
export async function buildGeneration(
  work: JobWork,
  plan: BuildPlan,
  deps: BuildingDeps,
): Promise<JsonObject> {
  const { job, signal } = work;
  const total = (plan.sample === null ? 3 : 1) * (await deps.memories.heads.count(null));
  const save = (cursor: Cursor, done: number): Promise<void> =>
    work.save({ cursor: cursor as unknown as JsonValue, done, total: Math.max(total, done) });
  const cursor = (job.cursor as unknown as Cursor | null) ?? (await begin(job.job_id, plan, deps));
  await save(cursor, cursor.filled);
  const generation = await openNamed(cursor.collection, deps);
  const pace = plan.rate === null ? undefined : paceOf(plan.rate, FILL_PAGE, realClock(signal));
  const building = new Building(generation, cursor, save, { ...deps, ...(pace && { pace }), signal });
  await building.fill();
  const verification = await building.compare(plan.sample);
  await switchTo(generation, plan.former, { signal, beat: building.beat, ...(pace && { pace }) }, deps);
  return { ...asResult(verification), collection: generation.collection };
}

async function begin(jobId: string, plan: BuildPlan, deps: BuildingDeps): Promise<Cursor> {
  const design = await plan.design();
  // Deletions are written to it as soon as it is recorded.
  await ensure(design, deps.index);
  if (await deps.collections.build({ ...design, job_id: jobId }))
    return { collection: design.collection, filled: 0 };
  await deps.index.dropCollection(design.collection);
  throw new SomaError(
    'invalid_request',
    'another collection is being built; soma jobs list shows the job, soma jobs cancel ends it',
  );
}

async function openNamed(collection: string, { generations }: BuildingDeps): Promise<OpenGeneration> {
  const row = (await generations.read()).find((one) => one.collection === collection);
  if (row === undefined || row.state === 'gone')
    throw new SomaError('internal', `the collection ${collection} that was being built is gone`);
  return generations.open(row);
}

class Building {
  readonly #generation: OpenGeneration;
  readonly #save: (cursor: Cursor, done: number) => Promise<void>;
  readonly #deps: BuildingDeps & { signal: AbortSignal; pace?: Pace };
  #cursor: Cursor;
  #done: number;

  constructor(
    generation: OpenGeneration,
    cursor: Cursor,
    save: (cursor: Cursor, done: number) => Promise<void>,
    deps: BuildingDeps & { signal: AbortSignal; pace?: Pace },
  ) {
    this.#generation = generation;
    this.#cursor = cursor;
    this.#done = cursor.filled;
    this.#save = save;
    this.#deps = deps;
  }

  readonly beat = (): Promise<void> => this.#save(this.#cursor, this.#done);

  /** Until little is written during a pass, or for so many passes. */
  async fill(): Promise<void> {
    const { signal } = this.#deps;
    for (let passes = 0; passes < MOST_PASSES; passes += 1) {
      const lacked = await patiently(
        () => catchUp({ ...this.#catching(), onPage: (page) => this.#count(page) }, this.#deps),
        { signal, beat: this.beat },
      );
      if (lacked < FILL_PAGE) return;
    }
  }

  /** @throws SomaError internal when something differs that cannot be mended; the former generation stays */
  async compare(sample: number | null): Promise<Verification> {
    const { signal } = this.#deps;
    const verification = await verify({
      projection: indexProjection(this.#generation, { sample, namespace: null }, signal, this.#deps),
      ledger: followingLedger(this.#catching(), this.#deps),
      repair: true,
      signal,
      from: this.#cursor.comparing ?? null,
      save: (state, looked) => {
        this.#cursor = { ...this.#cursor, comparing: state };
        this.#done = this.#cursor.filled + looked;
        return this.beat();
      },
    });
    const left = differencesIn(verification) - verification.repaired;
    if (left === 0) return verification;
    throw new SomaError(
      'internal',
      `${left} memories differ in the collection that was built; the former one stays`,
    );
  }

  #catching() {
    const { signal, pace } = this.#deps;
    return { generation: this.#generation, signal, ...(pace && { pace }), onPage: () => this.beat() };
  }

  async #count({ states }: FilledPage): Promise<void> {
    this.#cursor = { ...this.#cursor, filled: this.#cursor.filled + states };
    this.#done = this.#cursor.filled;
    await this.beat();
  }
}
