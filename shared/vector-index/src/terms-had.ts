/** Tells which of the terms asked for a point has: their places among those asked for, ascending. */
export function termsHad(asked: readonly number[]): (having: Iterable<number>) => number[] {
  const places = new Map(asked.map((term, place) => [term, place]));
  return (having) => {
    const had: number[] = [];
    for (const term of having) {
      const place = places.get(term);
      if (place !== undefined) had.push(place);
    }
    return had.sort((a, b) => a - b);
  };
}
