import type { Ledger } from '@soma/ledger';
import type { JsonValue } from '@soma/memory';
import { awaitPassing, type Mark } from './await-passing.js';
import { found, nothingFound, type Difference, type Verification } from './difference.js';
import { patiently } from './patiently.js';
import type { Projection } from './projection.js';

export interface VerifyOptions<D extends Difference> {
  projection: Projection<D>;
  ledger: Pick<Ledger, 'progress'>;
  repair: boolean;
  signal: AbortSignal;
  /** What an earlier, interrupted run saved; null to begin. */
  from: JsonValue;
  /** Writes down how far it is: how much was looked at since the beginning. */
  save: (state: JsonValue, looked: number) => Promise<void>;
}

interface State {
  /** Where the next page begins; null before the first. */
  at: JsonValue;
  isOver: boolean;
  looked: number;
  verification: Verification;
}

const BEGINNING: State = { at: null, isOver: false, looked: 0, verification: nothingFound() };

/** A memory that changes all the time differs at most looks; so many are enough to know that its changes arrive. */
const MOST_LOOKS = 20;

/**
 * Compares a projection with the memories, page by page, while both change. What differs at first sight counts only
 * when it still does after the projection has passed the change that it lacked.
 */
export async function verify<D extends Difference>(options: VerifyOptions<D>): Promise<Verification> {
  const { projection, signal, save } = options;
  let state = (options.from as unknown as State | null) ?? BEGINNING;
  while (!state.isOver) {
    const here = state;
    const beat = () => save(asJson(here), here.looked);
    const steady = { signal, beat };
    const page = await patiently(() => projection.page(here.at), steady);
    const differences = await settle(page.suspects, options, beat);
    const repaired = options.repair ? await patiently(() => mend(differences, projection), steady) : 0;
    const { checked, looked, next } = page;
    const verification = found(here.verification, { checked, differences, repaired });
    state = { at: next, isOver: next === null, looked: here.looked + looked, verification };
    await save(asJson(state), state.looked);
  }
  return state.verification;
}

function asJson(state: State): JsonValue {
  return state as unknown as JsonValue;
}

/** The suspects that are differences, as they stood when that was sure. */
async function settle<D extends Difference>(
  suspects: D[],
  { projection, ledger, signal }: VerifyOptions<D>,
  beat: () => Promise<void>,
): Promise<D[]> {
  const differences: D[] = [];
  const passing = { ledger, signal, beat };
  let open = suspects;
  for (let looks = 0; open.length > 0 && looks < MOST_LOOKS; looks += 1) {
    const marks = open.flatMap(({ awaits }): Mark[] => (awaits === null ? [] : [awaits]));
    const passed = await patiently(() => awaitPassing(marks, passing), { signal, beat });
    const still = await patiently(() => projection.look(open), { signal, beat });
    open = [];
    for (const difference of still) {
      const outcome = passed(difference.awaits);
      // Changed since it was waited for: the new change has its own time to arrive.
      if (outcome === 'coming') open.push(difference);
      else differences.push(outcome === 'passed' ? difference : behind(difference));
    }
  }
  return differences;
}

/** A projection that is ahead is so whether or not the writer moves. */
function behind<D extends Difference>(difference: D): D {
  return difference.awaits?.group === 'writer' ? difference : { ...difference, kind: 'behind' };
}

/** How many were gone afterwards. */
async function mend<D extends Difference>(
  differences: readonly D[],
  projection: Projection<D>,
): Promise<number> {
  if (differences.length === 0) return 0;
  await projection.mend(differences);
  const lasting = new Map(
    (await projection.look(differences)).map((difference) => [difference.id, difference]),
  );
  // What differs in another way by now is a new change on its way.
  return differences.filter(({ id, expected_revision, found_revision }) => {
    const after = lasting.get(id);
    return (
      after === undefined ||
      after.expected_revision !== expected_revision ||
      after.found_revision !== found_revision
    );
  }).length;
}
