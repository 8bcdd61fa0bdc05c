/** How common each term is among the live points of a collection that have any term. */
export class TermStatistics {
  #documents = 0;
  readonly #frequency = new Map<number, number>();

  add(terms: Uint32Array): void {
    if (terms.length > 0) this.#documents += 1;
    for (const term of terms) this.#frequency.set(term, (this.#frequency.get(term) ?? 0) + 1);
  }

  remove(terms: Uint32Array): void {
    if (terms.length > 0) this.#documents -= 1;
    for (const term of terms) {
      const left = (this.#frequency.get(term) ?? 0) - 1;
      if (left > 0) this.#frequency.set(term, left);
      else this.#frequency.delete(term);
    }
  }

  /** ln(1 + (N − n + 0.5) / (n + 0.5)), as the port says. */
  idf(term: number): number {
    const frequency = this.#frequency.get(term) ?? 0;
    return Math.log(1 + (this.#documents - frequency + 0.5) / (frequency + 0.5));
  }
}
