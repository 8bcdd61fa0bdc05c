/**
 * Whole numbers from 0 to below `bound`, the same for the same seed: a linear congruential generator with the
 * constants of Numerical Recipes, whose high bits are good enough to vary tests.
 */
export function randomSource(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
