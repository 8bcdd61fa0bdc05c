/**
 * How to open an embedder, as the settings SOMA_EMBEDDER… name it; null where a setting is not set. Never a key: each
 * process has those from its own environment.
 */
export interface EmbedderSpec {
  kind: string;
  model: string | null;
  url: string | null;
  dimension: number | null;
}

/**
 * - `active`: what searches name.
 * - `building`: is being filled.
 * - `kept`: was active before, and is brought up to date for a rollback.
 * - `retiring`: was active before; searches that began then may still name it.
 * - `gone`: nobody writes it any more; to be dropped.
 */
export type GenerationState = 'active' | 'building' | 'kept' | 'retiring' | 'gone';

/** A collection, and the embedder whose vectors it holds. */
export interface NewGeneration {
  collection: string;
  spec: EmbedderSpec;
  /** Of the vectors, as the embedder itself says. */
  model: string;
  dimension: number;
}

export interface IndexGeneration extends NewGeneration {
  state: GenerationState;
  /** Written in every batch together with the active one. */
  joined: boolean;
  /** The job that builds it, or built it. */
  job_id: string | null;
  /** Milliseconds since it came to its state. */
  age_ms: number;
}

export interface Succession {
  /** What the one before becomes. */
  former: 'kept' | 'retiring';
  /** For how many milliseconds it is still joined: for searches that name it. */
  writtenForMs: number;
}

/**
 * Collections: the generations of the index, of which one is active, at most one is built and at most one is kept. What
 * an implementation MUST do:
 *
 * - A change that resolved is what every `read` that begins later gives, in every process.
 * - Changes happen one after the other, each whole or not at all. Repeats change nothing.
 * - Errors: store_unavailable (retryable).
 */
export interface Collections {
  /** All of them, in no order. */
  read(): Promise<IndexGeneration[]>;
  /** Was no memory ever stored? */
  isPristine(): Promise<boolean>;
  /** Makes it the active one where there is none; in the place of another only while no memory was ever stored. */
  found(generation: NewGeneration): Promise<void>;
  /** False, and nothing changed, while another one is built. */
  build(generation: NewGeneration & { job_id: string }): Promise<boolean>;
  /** For so many milliseconds what is built, or kept, is written in every batch together with the active one. */
  join(collection: string, forMs: number): Promise<void>;
  /** No longer. */
  part(collection: string): Promise<void>;
  /**
   * What was built, or kept, and is joined, is what searches name from now on, in one step. False, and nothing changed,
   * when it is not (nor active already), or when another one is kept that would have to make room.
   */
  activate(collection: string, succession: Succession): Promise<boolean>;
  /** What was kept is kept no longer; false when it was not. */
  retire(collection: string): Promise<boolean>;
  /** What was built, or retires, is gone. */
  leave(collection: string): Promise<void>;
  /** What is gone was dropped. */
  forget(collection: string): Promise<void>;
  /** Where the endpoint of its embedder is now. */
  locate(collection: string, url: string): Promise<void>;
  /** For so many milliseconds only this process (a UUID) brings the kept one up to date; false while another does. */
  follow(collection: string, process: string, forMs: number): Promise<boolean>;
}
