/**
 * Embedder: texts to vectors of one model. What an implementation MUST do:
 *
 * - Answer in the order of the texts, each vector `dimension` long, finite, of unit length.
 * - Say per text when it is refused for good (`refused`), and throw embedder_unavailable (retryable) for
 *   everything that may pass: no answer, 401, 403, 404, 429, 5xx, a NaN, a wrong dimension.
 * - Never block the event loop for more than a few milliseconds.
 */
export interface Embedder {
  /** Recorded with every vector; two embedders with one model name give the same vectors. */
  readonly model: string;
  readonly dimension: number;
  /** Without any meaning (`nothing`), similarity is null and ranking goes by words. */
  readonly meaning: Meaning;
  embed(
    texts: string[],
    options: { purpose: 'document' | 'query'; signal?: AbortSignal },
  ): Promise<Embedding[]>;
  /** Loads what is needed and proves that it works. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/**
 * What a vector knows of its text: `nothing` beyond the words themselves (hash), what its `words` mean one by one
 * (averages of word vectors), or what its `sentences` say.
 */
export type Meaning = 'nothing' | 'words' | 'sentences';

export type Embedding = { vector: Float32Array } | { refused: string };
