import type { ListDirection } from '@soma/memory';
import type { Place, ScannedMemory } from './list-statements.js';

export interface Walk {
  limit: number;
  /** Where the page before ended; null at the beginning. */
  after: Place | null;
  direction: ListDirection;
  /** Further members of the list, by their places, that the scan does not come upon. */
  moved: readonly Place[];
  /** The next `size` of the order, those that do not pass among them; fewer only at its end. */
  scan: (after: Place | null, size: number) => Promise<ScannedMemory[]>;
  hasTime: () => boolean;
}

export interface Walked {
  places: Place[];
  /** Where the next page begins; null when nothing follows. */
  next: Place | null;
}

/** Most memories that one statement looks at. */
const MOST_SCANNED = 2_000;

/** Goes along an order until the page is full, the order ends, or the time is over. */
export async function walk({ limit, after, direction, moved, scan, hasTime }: Walk): Promise<Walked> {
  const places: Place[] = [];
  let from = after;
  let waiting = moved;
  // One more than the page tells whether there is a next one.
  for (let size = limit + 1; ; size = Math.min(MOST_SCANNED, size * 2)) {
    const scanned = await scan(from, size);
    const end = scanned.length < size ? null : (scanned.at(-1) ?? null);
    const isDue = (place: Place) => end === null || order(place, end, direction) <= 0;
    places.push(
      ...merged(
        scanned.filter(({ passes }) => passes),
        waiting.filter(isDue),
        direction,
      ),
    );
    waiting = waiting.filter((place) => !isDue(place));
    if (places.length > limit) return { places: places.slice(0, limit), next: places[limit - 1] ?? null };
    if (end === null || !hasTime()) return { places, next: end };
    from = end;
  }
}

function merged(passing: Place[], due: readonly Place[], direction: ListDirection): Place[] {
  return due.length === 0 ? passing : [...passing, ...due].sort((a, b) => order(a, b, direction));
}

/** Keys are ASCII, so that their code units are in the order of the store's bytes. */
function order(a: Place, b: Place, direction: ListDirection): number {
  const ascending = (a.place ?? 0) - (b.place ?? 0) || (a.key < b.key ? -1 : Number(a.key > b.key));
  return direction === 'asc' ? ascending : -ascending;
}
