/** Over how long the rate is taken, milliseconds: long enough to be calm, short enough to follow a change. */
const WINDOW_MS = 30_000;

/** How fast something counts up, of late. */
export class Pace {
  readonly #seen: { at: number; done: number }[] = [];

  /** Done so far, at a time in milliseconds; returns how many a second, null while that cannot be told. */
  at(now: number, done: number): number | null {
    this.#seen.push({ at: now, done });
    while (this.#seen.length > 2 && now - (this.#seen[1]?.at ?? now) >= WINDOW_MS) this.#seen.shift();
    const [first] = this.#seen;
    if (first === undefined || now - first.at < 1 || done <= first.done) return null;
    return ((done - first.done) * 1_000) / (now - first.at);
  }
}

/** `  52/s  3 min left`; empty while the pace is not known. */
export function paceText(perSecond: number | null, left: number | null): string {
  if (perSecond === null) return '';
  const rate = perSecond < 10 ? perSecond.toFixed(1) : perSecond.toFixed(0);
  return `  ${rate}/s${left === null ? '' : `  ${timeText(left / perSecond)} left`}`;
}

function timeText(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
