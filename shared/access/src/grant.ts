/** What a token may do; each role may what those before it may. */
export const ROLES = ['reader', 'writer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Kinds of requests whose rates are counted apart. */
export const RATE_CLASSES = ['read', 'write', 'search', 'admin'] as const;
export type RateClass = (typeof RATE_CLASSES)[number];

/** What a token opens. */
export interface Grant {
  role: Role;
  /** Those it may enter; null: all. */
  namespaces: string[] | null;
  /** Not null: it sees and changes the memories of this user alone. */
  user_id: string | null;
  /** Requests a second, where they differ from what the settings say. */
  rates: Partial<Record<RateClass, number>>;
}
