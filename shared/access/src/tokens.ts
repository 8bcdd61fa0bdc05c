import type { Grant } from './grant.js';

/** A token as it is kept: never its secret. Times are epoch milliseconds. */
export interface Token extends Grant {
  /** UUIDv7: in the order in which they were made. */
  token_id: string;
  description: string;
  expires_at: number | null;
  created_at: number;
  /** Subjects of who did it. */
  created_by: string;
  rotated_at: number | null;
  revoked_at: number | null;
  revoked_by: string | null;
}

export interface NewToken extends Grant {
  token_id: string;
  description: string;
  expires_at: number | null;
  /** SHA-256 of the secret. */
  digest: Buffer;
  by: string;
}

export interface Rotation {
  token_id: string;
  /** SHA-256 of the new secret. */
  digest: Buffer;
  /** How long the secret that it replaces still opens, milliseconds. */
  overlap_ms: number;
}

/** A secret that opens something. */
export interface KnownSecret extends Grant {
  /** SHA-256, hex. */
  digest: string;
  token_id: string;
  /** The earlier of when the token ends and when the overlap of the secret does; null: neither. */
  expires_at: number | null;
}

export interface TokenPage {
  /** Older ones than this; null: from the newest. */
  before: string | null;
  limit: number;
  /** Revoked and expired ones too. */
  ended: boolean;
}

/**
 * Tokens: whom an installation lets in. What an implementation MUST do:
 *
 * - Keep digests of secrets and nothing that a secret could be made from.
 * - At most two secrets of a token open at a time: the newest, and the one before it until its overlap is over.
 * - Say `changed` after every change, however it was made, in the same transaction as the change.
 * - Errors: store_unavailable (retryable).
 */
export interface Tokens {
  /** Undefined, and nothing made, when there are `most` that have not ended. */
  create(token: NewToken, most: number): Promise<Token | undefined>;
  get(tokenId: string): Promise<Token | undefined>;
  /** Newest first. */
  list(page: TokenPage): Promise<Token[]>;
  /** Undefined when there is none of that id that has not ended. */
  rotate(rotation: Rotation): Promise<Token | undefined>;
  /** Undefined when there is none of that id. One that is revoked stays as it was. */
  revoke(revocation: { token_id: string; by: string }): Promise<Token | undefined>;
  /**
   * Every secret that opens, at most `most`, as of one moment, unless that is what `known` names. Cheap while nothing
   * changes; callers poll it.
   */
  changed(known: string | null, most: number): Promise<TokenState | undefined>;
  /** Forgets tokens that ended before, and secrets whose overlap did; returns how many tokens. */
  removeEnded(before: number): Promise<number>;
}

export interface TokenState {
  /** Names this state of the tokens. */
  state: string;
  secrets: KnownSecret[];
}
