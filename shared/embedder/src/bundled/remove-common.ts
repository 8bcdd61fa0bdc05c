import { DIMENSION } from './read-vectors.js';

/** Turns of the power iteration; the two leading directions stand far out of the rest. */
const TURNS = 20;
/** Enough to see the strongest directions by, in a fifth of the time. */
const SAMPLED = 5;

/**
 * Takes the mean and the `directions` strongest directions out of all vectors, in place. They hold how frequent a
 * word is, not what it means, and make any two texts look alike (Mu and Viswanath, All-but-the-Top, 2018).
 */
export function removeCommon(values: Float32Array, directions: number): void {
  subtractMean(values);
  for (let count = 0; count < directions; count += 1) project(values, strongestDirection(values));
}

function subtractMean(values: Float32Array): void {
  const mean = new Float64Array(DIMENSION);
  for (const [index, value] of values.entries())
    mean[index % DIMENSION] = (mean[index % DIMENSION] ?? 0) + value;
  const count = values.length / DIMENSION;
  for (const index of values.keys())
    values[index] = (values[index] ?? 0) - (mean[index % DIMENSION] ?? 0) / count;
}

/** The first eigenvector of the covariance of every SAMPLED-th vector, by power iteration from a fixed start. */
function strongestDirection(values: Float32Array): Float64Array {
  let direction = Float64Array.from({ length: DIMENSION }, (_, index) => 1 + (index % 7) / 7);
  for (let turn = 0; turn < TURNS; turn += 1) {
    const next = new Float64Array(DIMENSION);
    for (let row = 0; row < values.length; row += SAMPLED * DIMENSION) {
      const along = dotAt(values, row, direction);
      for (let index = 0; index < DIMENSION; index += 1)
        next[index] = (next[index] ?? 0) + along * (values[row + index] ?? 0);
    }
    const length = Math.hypot(...next);
    direction = next.map((component) => component / length);
  }
  return direction;
}

function project(values: Float32Array, direction: Float64Array): void {
  for (let row = 0; row < values.length; row += DIMENSION) {
    const along = dotAt(values, row, direction);
    for (let index = 0; index < DIMENSION; index += 1)
      values[row + index] = (values[row + index] ?? 0) - along * (direction[index] ?? 0);
  }
}

function dotAt(values: Float32Array, row: number, direction: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < DIMENSION; index += 1)
    sum += (values[row + index] ?? 0) * (direction[index] ?? 0);
  return sum;
}
