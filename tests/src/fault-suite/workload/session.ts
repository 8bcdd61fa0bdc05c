import type { Asked } from '../history/history.js';

/** A consistency token and what it stands for. */
export interface KnownToken {
  text: string;
  covers: readonly Asked[];
}

/** After so many writes a client begins a new token, so that what tokens cover stays few. */
const MOST_COVERED = 25;

/** What one client remembers between its calls, as a caller's program would. */
export class Session {
  readonly #tokens = new Map<string, KnownToken>();
  readonly #versions = new Map<string, { version: number; etag: string | null }>();

  /** The token of a namespace; undefined before the first write. */
  token(namespace: string): KnownToken | undefined {
    return this.#tokens.get(namespace);
  }

  /** Of an answer to `asked`. `sent` is the token that the request came with: the answer's covers both. */
  keepToken(namespace: string, text: string, asked: readonly Asked[], sent: KnownToken | undefined): void {
    const covers = [...(sent?.covers ?? []), ...asked];
    if (covers.length > MOST_COVERED) this.#tokens.delete(namespace);
    else this.#tokens.set(namespace, { text, covers });
  }

  /** It was refused: the installation has another log, or was restored. */
  dropToken(namespace: string): void {
    this.#tokens.delete(namespace);
  }

  version(namespace: string, key: string): { version: number; etag: string | null } | undefined {
    return this.#versions.get(`${namespace}/${key}`);
  }

  keepVersion(namespace: string, key: string, version: number, etag: string | null): void {
    this.#versions.set(`${namespace}/${key}`, { version, etag });
  }
}
