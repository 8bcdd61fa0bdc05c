/**
 * A revision is log generation × 2^40 + the position of the command in its partition. It grows strictly per
 * memory, is the same at every replay, and stays below 2^53, so that a JavaScript number holds it exactly.
 */
export const POSITIONS_PER_GENERATION = 2 ** 40;
export const MAX_GENERATION = 2 ** 13 - 1;

export function revisionOf(generation: number, position: number): number {
  if (position < 0 || position >= POSITIONS_PER_GENERATION)
    throw new RangeError(`position ${position} out of range`);
  if (generation < 0 || generation > MAX_GENERATION)
    throw new RangeError(`generation ${generation} out of range`);
  return generation * POSITIONS_PER_GENERATION + position;
}

export function positionOf(revision: number): number {
  return revision % POSITIONS_PER_GENERATION;
}

export function generationOf(revision: number): number {
  return Math.floor(revision / POSITIONS_PER_GENERATION);
}
