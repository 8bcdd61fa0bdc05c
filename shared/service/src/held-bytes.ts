import { SomaError } from '@soma/memory';

/** What one request or answer holds. */
export interface Holding {
  /** @throws SomaError overloaded when there is no room for so many more; what was held before stays held. */
  add: (bytes: number) => void;
  /** Gives everything back, for good: what is added later counts for nothing. Harmless when called again. */
  release: () => void;
}

/**
 * Bounds the bytes that are held at one time. Who holds alone may hold more than all there is: it would never be
 * served otherwise, and is bounded by what one request may ask for.
 */
export class HeldBytes {
  readonly #max: number;
  readonly #refusal: string;
  #bytes = 0;

  /** `refusal`: the sentence that callers see. */
  constructor(max: number, refusal: string) {
    this.#max = max;
    this.#refusal = refusal;
  }

  get bytes(): number {
    return this.#bytes;
  }

  open(): Holding {
    let own = 0;
    let isOver = false;
    return {
      add: (bytes) => {
        if (isOver) return;
        const others = this.#bytes - own;
        if (others > 0 && this.#bytes + bytes > this.#max) throw new SomaError('overloaded', this.#refusal);
        own += bytes;
        this.#bytes += bytes;
      },
      release: () => {
        isOver = true;
        this.#bytes -= own;
        own = 0;
      },
    };
  }
}
