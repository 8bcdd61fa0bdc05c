export interface ScoredSlot {
  slot: number;
  score: number;
}

/** The best of many scored slots: a heap of bounded size with the worst on top. Ties go to the smaller key. */
export class BestCandidates {
  readonly #limit: number;
  readonly #keyOf: (slot: number) => string;
  readonly #scores: number[] = [];
  readonly #slots: number[] = [];

  constructor(limit: number, keyOf: (slot: number) => string) {
    this.#limit = limit;
    this.#keyOf = keyOf;
  }

  /** Would `offer` keep it? Cheap, so that a filter need only be evaluated for what would stay. */
  wants(score: number, slot: number): boolean {
    if (this.#limit === 0) return false;
    if (this.#scores.length < this.#limit) return true;
    const worst = this.#scores[0] ?? 0;
    if (score !== worst) return score > worst;
    return this.#keyOf(slot) < this.#keyOf(this.#slots[0] ?? 0);
  }

  /** Adds a slot that `wants` wanted. */
  offer(score: number, slot: number): void {
    if (this.#scores.length < this.#limit) {
      this.#scores.push(score);
      this.#slots.push(slot);
      this.#rise(this.#scores.length - 1);
    } else {
      this.#scores[0] = score;
      this.#slots[0] = slot;
      this.#sink(0);
    }
  }

  /** Best first. */
  sorted(): ScoredSlot[] {
    const order = this.#scores.map((_, place) => place).sort((a, b) => (this.#isWorse(a, b) ? 1 : -1));
    return order.map((place) => ({ slot: this.#slots[place] ?? 0, score: this.#scores[place] ?? 0 }));
  }

  #isWorse(a: number, b: number): boolean {
    const difference = (this.#scores[a] ?? 0) - (this.#scores[b] ?? 0);
    if (difference !== 0) return difference < 0;
    return this.#keyOf(this.#slots[a] ?? 0) > this.#keyOf(this.#slots[b] ?? 0);
  }

  #rise(from: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isWorse(place, parent)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #sink(from: number): void {
    let place = from;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      let worst = place;
      if (left < this.#scores.length && this.#isWorse(left, worst)) worst = left;
      if (right < this.#scores.length && this.#isWorse(right, worst)) worst = right;
      if (worst === place) return;
      this.#swap(place, worst);
      place = worst;
    }
  }

  #swap(a: number, b: number): void {
    const score = this.#scores[a] ?? 0;
    const slot = this.#slots[a] ?? 0;
    this.#scores[a] = this.#scores[b] ?? 0;
    this.#slots[a] = this.#slots[b] ?? 0;
    this.#scores[b] = score;
    this.#slots[b] = slot;
  }
}
