export interface Difference {
  mean: number;
  /** Half the width of the 95 % interval of the mean, by the normal approximation. */
  margin: number;
}

const NORMAL_95 = 1.96;

/** Of two rankings of the same questions, question by question: what both find hard falls out. */
export function pairedDifference(now: readonly number[], before: readonly number[]): Difference {
  const differences = now.map((value, index) => value - (before[index] ?? 0));
  const count = differences.length;
  const mean = differences.reduce((sum, value) => sum + value, 0) / count;
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  if (count < 2) return { mean, margin: Infinity };
  return { mean, margin: NORMAL_95 * Math.sqrt(squares / (count - 1) / count) };
}
