/** A strictly convex function at a point, with its derivatives. */
export interface Convex {
  value: number;
  gradient: Float64Array;
  /** Row by row, symmetric and positive definite. */
  hessian: Float64Array;
}

const MOST_STEPS = 50;
const MOST_HALVINGS = 30;
/** A step that promises less changes no order any more. */
const FLAT = 1e-7;
/** Share of the promised descent that a step has to bring (Armijo). */
const ENOUGH = 1e-4;

/** Newton's method with backtracking: a handful of steps for the few weights there are. */
export function minimise(at: (point: Float64Array) => Convex, start: Float64Array): Float64Array {
  let point = start;
  let here = at(point);
  for (let step = 0; step < MOST_STEPS; step += 1) {
    const direction = solve(
      here.hessian,
      here.gradient.map((slope) => -slope),
    );
    const descent = dot(here.gradient, direction);
    if (-descent < FLAT) return point;
    let length = 1;
    for (let halving = 0; ; halving += 1) {
      const reached = point.map((value, index) => value + length * (direction[index] ?? 0));
      const there = at(reached);
      if (there.value <= here.value + ENOUGH * length * descent) {
        point = reached;
        here = there;
        break;
      }
      // No step is short enough: what is left is rounding.
      if (halving === MOST_HALVINGS) return point;
      length /= 2;
    }
  }
  return point;
}

/** x of A·x = b by Cholesky's decomposition. @throws RangeError when A is not positive definite */
export function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const lower = decompose(matrix, size);
  const x = Float64Array.from(right);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < row; column += 1)
      x[row] = (x[row] ?? 0) - (lower[row * size + column] ?? 0) * (x[column] ?? 0);
    x[row] = (x[row] ?? 0) / (lower[row * size + row] ?? 1);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    for (let column = row + 1; column < size; column += 1)
      x[row] = (x[row] ?? 0) - (lower[column * size + row] ?? 0) * (x[column] ?? 0);
    x[row] = (x[row] ?? 0) / (lower[row * size + row] ?? 1);
  }
  return x;
}

function decompose(matrix: Float64Array, size: number): Float64Array {
  const lower = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      let rest = matrix[row * size + column] ?? 0;
      for (let k = 0; k < column; k += 1)
        rest -= (lower[row * size + k] ?? 0) * (lower[column * size + k] ?? 0);
      if (row === column && rest <= 0) throw new RangeError('The matrix is not positive definite');
      lower[row * size + column] =
        row === column ? Math.sqrt(rest) : rest / (lower[column * size + column] ?? 1);
    }
  }
  return lower;
}

function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
}
