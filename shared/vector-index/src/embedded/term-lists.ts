const FIRST_LENGTH = 256;

/** Lists of term ids, one after another in one growing array: a hundred thousand small arrays cost more than their content. */
export class TermLists {
  #terms = new Uint32Array(FIRST_LENGTH);
  /** Where each list ends. */
  readonly #ends: number[] = [];

  append(terms: Uint32Array): void {
    const start = this.#ends.at(-1) ?? 0;
    const end = start + terms.length;
    if (end > this.#terms.length) {
      const grown = new Uint32Array(Math.max(end, this.#terms.length * 2));
      grown.set(this.#terms);
      this.#terms = grown;
    }
    this.#terms.set(terms, start);
    this.#ends.push(end);
  }

  /** Valid until the next `append`. */
  at(list: number): Uint32Array {
    return this.#terms.subarray(list === 0 ? 0 : this.#ends[list - 1], this.#ends[list]);
  }
}
