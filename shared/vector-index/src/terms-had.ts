/** Which of the terms asked for a point has: their places among those asked for, ascending. */
export function termsHad(asked: readonly number[], having: Iterable<number>): number[] {
  const has = new Set(having);
  return [...asked.keys()].filter((place) => has.has(asked[place] as number));
}
