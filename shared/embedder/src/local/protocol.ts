/** What the thread of a local model and its owner say to each other. */
export type ToThread = { type: 'embed'; texts: string[] } | { type: 'close' };

export type FromThread =
  | { type: 'ready'; dimension: number }
  /** The model cannot be loaded; `settings` when only other settings can mend it. */
  | { type: 'unusable'; message: string; settings: boolean }
  /** The vectors of a batch in one array, `dimension` numbers a text, not yet of unit length. */
  | { type: 'vectors'; vectors: Float32Array; dimension: number }
  | { type: 'failed'; message: string };

/** A model inside its thread. */
export interface LocalModel {
  readonly dimension: number;
  /** One vector a text, in order, one after the other in one array. */
  embed(texts: string[]): Promise<Float32Array>;
  close(): Promise<void>;
}

/** Thrown while loading: no retry helps, other settings or another installation do. */
export class UnusableModel extends Error {}
