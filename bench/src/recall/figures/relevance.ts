/*
 * Figures of one answer, by position of what is relevant in it. All are between 0 and 1 and are averaged over questions.
 */

/** Share of what is relevant that is among the first k. @param relevant not empty */
export function recallAt<T>(k: number, ranked: readonly T[], relevant: readonly T[]): number {
  return found(k, ranked, relevant) / relevant.length;
}

/** 1 when anything relevant is among the first k. */
export function hitAt<T>(k: number, ranked: readonly T[], relevant: readonly T[]): number {
  return found(k, ranked, relevant) > 0 ? 1 : 0;
}

/** Normalised discounted cumulative gain with a gain of 1 for what is relevant (Järvelin and Kekäläinen, 2002). */
export function ndcgAt<T>(k: number, ranked: readonly T[], relevant: readonly T[]): number {
  const wanted = new Set(relevant);
  const gained = ranked
    .slice(0, k)
    .reduce((sum, one, position) => sum + (wanted.has(one) ? discount(position) : 0), 0);
  let ideal = 0;
  for (let position = 0; position < Math.min(k, wanted.size); position += 1) ideal += discount(position);
  return gained / ideal;
}

function discount(position: number): number {
  return 1 / Math.log2(position + 2);
}

function found<T>(k: number, ranked: readonly T[], relevant: readonly T[]): number {
  const first = new Set(ranked.slice(0, k));
  return relevant.filter((one) => first.has(one)).length;
}
