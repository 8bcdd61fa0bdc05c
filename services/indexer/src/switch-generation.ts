import type { OpenGeneration } from '@soma/index-generations';
import { SomaError } from '@soma/memory';
import { patiently } from '@soma/projections';
import type { Collections } from '@soma/vector-index';
import { catchUp, type CatchUpDeps } from './catch-up.js';
import type { Pace } from './pace.js';

export interface SwitchDeps extends CatchUpDeps {
  collections: Collections;
  /** How long the former generation is still written, milliseconds. */
  retireMs?: number;
}

export interface Switching {
  signal: AbortSignal;
  /** Says that the work goes on. */
  beat: () => Promise<void>;
  pace?: Pace;
}

/** Longer than any search takes together with the second for which searches keep the generation. */
const RETIRE_MS = 15_000;
/** For what was written between the last catching up and the joining. */
const JOINED_MS = 60_000;
const MOST_ROUNDS = 5;

/**
 * Lets searches use a generation in one step, without a moment in which it lacks what is promised to be indexed:
 *
 * 1. It catches up, however long that takes.
 * 2. It is joined: batches that begin from here on are written to it and to the active one.
 * 3. What the writer has done by now is all that other batches can have been about; it catches up with that.
 * 4. Still joined, it becomes the active one. The former one is written for as long as searches may name it.
 */
export async function switchTo(
  generation: OpenGeneration,
  former: 'kept' | 'retiring',
  switching: Switching,
  deps: SwitchDeps,
): Promise<void> {
  const { collections } = deps;
  const { collection } = generation;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    await upToDate(generation, switching, deps);
    if (await step(generation, former, switching, deps)) return;
    const state = (await collections.read()).find((one) => one.collection === collection)?.state;
    if (state !== 'building' && state !== 'kept') break;
  }
  throw new SomaError(
    'invalid_request',
    `the collection ${collection} cannot become the active one; the former one stays`,
  );
}

async function step(
  generation: OpenGeneration,
  former: 'kept' | 'retiring',
  switching: Switching,
  deps: SwitchDeps,
): Promise<boolean> {
  const { collections, retireMs: writtenForMs = RETIRE_MS } = deps;
  const { collection } = generation;
  let isActive = false;
  try {
    await patiently(() => collections.join(collection, JOINED_MS), switching);
    await upToDate(generation, switching, deps);
    isActive = await patiently(() => collections.activate(collection, { former, writtenForMs }), switching);
    return isActive;
  } finally {
    // Joined, it holds up every batch that it does not take. At the worst that ends by itself.
    if (!isActive) await collections.part(collection).catch(() => undefined);
  }
}

function upToDate(
  generation: OpenGeneration,
  { signal, beat, pace }: Switching,
  deps: SwitchDeps,
): Promise<number> {
  const catching = { generation, signal, ...(pace && { pace }), onPage: beat };
  return patiently(() => catchUp(catching, deps), { signal, beat });
}
