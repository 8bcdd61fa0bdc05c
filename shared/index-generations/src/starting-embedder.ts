import type { Embedder, Embedding, Meaning } from '@soma/embedder';

/** An embedder that starts when it is first needed, and again after a start that failed. */
export function createStartingEmbedder(inner: Embedder): Embedder {
  return new StartingEmbedder(inner);
}

class StartingEmbedder implements Embedder {
  readonly #inner: Embedder;
  #starting: Promise<void> | undefined;

  constructor(inner: Embedder) {
    this.#inner = inner;
  }

  get model(): string {
    return this.#inner.model;
  }

  get dimension(): number {
    return this.#inner.dimension;
  }

  get meaning(): Meaning {
    return this.#inner.meaning;
  }

  start(): Promise<void> {
    this.#starting ??= this.#inner.start().catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    return this.#starting;
  }

  async embed(texts: string[], options: Parameters<Embedder['embed']>[1]): Promise<Embedding[]> {
    if (texts.length === 0) return [];
    await this.start();
    return this.#inner.embed(texts, options);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
