export type Purpose = 'document' | 'query';

/** A text that waits for its vector. */
export interface WaitingText {
  text: string;
  purpose: Purpose;
  /** True when nobody waits for it any more. */
  abandoned: boolean;
}

export interface BatchBounds {
  texts: number;
  /** A batch is padded to its longest text: texts × the longest one's characters. */
  characters: number;
}

/**
 * Texts waiting for the model. Queries, for which somebody waits, go before documents; within a batch texts are of
 * like length when they came together, because a model computes on padding too.
 */
export class TextQueue<Waiting extends WaitingText> {
  readonly #lanes: Record<Purpose, Waiting[]> = { query: [], document: [] };

  get length(): number {
    return this.#lanes.query.length + this.#lanes.document.length;
  }

  push(texts: Waiting[]): void {
    for (const waiting of texts.toSorted((a, b) => a.text.length - b.text.length)) {
      this.#lanes[waiting.purpose].push(waiting);
    }
  }

  /** Drops what was abandoned; called when a caller gives up, so that its texts hold no place. */
  sweep(): void {
    for (const purpose of ['query', 'document'] as const) {
      this.#lanes[purpose] = this.#lanes[purpose].filter(({ abandoned }) => !abandoned);
    }
  }

  /** The next batch: of one purpose, never empty unless nothing waits. */
  take(bounds: BatchBounds): Waiting[] {
    const lane = this.#lanes.query.length > 0 ? this.#lanes.query : this.#lanes.document;
    let count = 0;
    let longest = 0;
    for (const { text } of lane.slice(0, bounds.texts)) {
      longest = Math.max(longest, text.length);
      if (count > 0 && longest * (count + 1) > bounds.characters) break;
      count += 1;
    }
    return lane.splice(0, count);
  }

  takeAll(): Waiting[] {
    return [...this.#lanes.query.splice(0), ...this.#lanes.document.splice(0)];
  }
}
