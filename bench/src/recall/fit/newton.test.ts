import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { minimise, solve } from './newton.js';

const entry = fc.double({ min: -3, max: 3, noNaN: true });

/** MᵀM + I is positive definite whatever M is. */
function positiveDefinite(entries: readonly number[], size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      let sum = row === column ? 1 : 0;
      for (let k = 0; k < size; k += 1)
        sum += (entries[k * size + row] ?? 0) * (entries[k * size + column] ?? 0);
      matrix[row * size + column] = sum;
    }
  }
  return matrix;
}

function times(matrix: Float64Array, x: Float64Array): number[] {
  return Array.from(x, (_, row) =>
    x.reduce((sum, value, column) => sum + (matrix[row * x.length + column] ?? 0) * value, 0),
  );
}

test('solve gives what the matrix makes into the right side', () => {
  const size = 4;
  const numbers = (length: number) => fc.array(entry, { minLength: length, maxLength: length });
  fc.assert(
    fc.property(numbers(size * size), numbers(size), (entries, right) => {
      const matrix = positiveDefinite(entries, size);
      const x = solve(matrix, Float64Array.from(right));
      for (const [row, value] of times(matrix, x).entries()) expect(value).toBeCloseTo(right[row] ?? 0, 6);
    }),
  );
});

test('a matrix that is not positive definite is refused', () => {
  expect(() => solve(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 1))).toThrow(RangeError);
});

test('finds the minimum where a whole step overshoots', () => {
  // log cosh: far from 0 the second derivative all but vanishes.
  const [x = NaN] = minimise(
    ([point = 0]) => ({
      value: Math.log(Math.cosh(point)),
      gradient: Float64Array.of(Math.tanh(point)),
      hessian: Float64Array.of(1 / Math.cosh(point) ** 2),
    }),
    Float64Array.of(3),
  );
  expect(x).toBeCloseTo(0, 3);
});
