/**
 * The collections that hold the memories of one model: one that searches name, and while a new one takes its place
 * two that are written. What an implementation MUST do:
 *
 * - Before the first `build` the active collection is the one of the model's own name.
 * - A change that resolved is what every `read` that begins later gives, in every process.
 * - Repeats change nothing. Errors: store_unavailable (retryable).
 */
export interface Collections {
  read(): Promise<CollectionSet>;
  /** From now on `name` is written beside the active one. */
  build(name: string): Promise<void>;
  /** What was built is what searches name from now on; the one before retires. */
  activate(name: string): Promise<void>;
  /** What is built, or retires, is no longer written. */
  leave(name: string): Promise<void>;
}

export interface CollectionSet {
  active: string;
  building: string | null;
  retiring: string | null;
}

/** Every collection that has to get what is written: the active one first. */
export function writtenCollections({ active, building, retiring }: CollectionSet): string[] {
  return [active, building, retiring].filter((name) => name !== null);
}

/** How long a search may go on naming a collection that was active, milliseconds. */
const KEPT_MS = 1_000;

/** The name of the active collection for many readers, asked for at most once a second. */
export function activeCollection({ read }: Pick<Collections, 'read'>): () => Promise<string> {
  let known: { name: string; until: number } | undefined;
  let asking: Promise<string> | undefined;
  const ask = async (): Promise<string> => {
    try {
      const { active } = await read();
      known = { name: active, until: performance.now() + KEPT_MS };
      return active;
    } catch (error) {
      // What it was is likelier than that it changed while the store is out.
      if (known === undefined) throw error;
      return known.name;
    } finally {
      asking = undefined;
    }
  };
  return () => {
    if (known !== undefined && performance.now() < known.until) return Promise.resolve(known.name);
    return (asking ??= ask());
  };
}
