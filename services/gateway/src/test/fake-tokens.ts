import { randomUUID } from 'node:crypto';
import type { NewToken, Rotation, Token, TokenPage, Tokens, TokenState } from '@soma/access';
import { SomaError } from '@soma/memory';

interface Secret {
  digest: string;
  token_id: string;
  expires_at: number | null;
}

/** Tokens in memory. */
export class FakeTokens implements Tokens {
  /** While true nothing is answered. */
  down = false;
  readonly #tokens = new Map<string, Token>();
  #secrets: Secret[] = [];
  #state = randomUUID();

  async create({ digest, by, ...asked }: NewToken, most: number): Promise<Token | undefined> {
    this.#answer();
    if ([...this.#tokens.values()].filter(hasNotEnded).length >= most) return undefined;
    const made = {
      created_at: Date.now(),
      created_by: by,
      rotated_at: null,
      revoked_at: null,
      revoked_by: null,
    };
    this.#add(asked.token_id, digest);
    return this.#keep({ ...asked, ...made });
  }

  async get(tokenId: string): Promise<Token | undefined> {
    this.#answer();
    return this.#tokens.get(tokenId);
  }

  async list({ before, limit, ended }: TokenPage): Promise<Token[]> {
    this.#answer();
    return [...this.#tokens.values()]
      .filter((token) => (before === null || token.token_id < before) && (ended || hasNotEnded(token)))
      .sort((a, b) => (a.token_id < b.token_id ? 1 : -1))
      .slice(0, limit);
  }

  async rotate({ token_id, digest, overlap_ms }: Rotation): Promise<Token | undefined> {
    this.#answer();
    const token = this.#tokens.get(token_id);
    if (token === undefined || !hasNotEnded(token)) return undefined;
    this.#secrets = this.#secrets
      .filter((secret) => secret.token_id !== token_id || secret.expires_at === null)
      .map((secret) =>
        secret.token_id === token_id ? { ...secret, expires_at: Date.now() + overlap_ms } : secret,
      );
    this.#add(token_id, digest);
    return this.#keep({ ...token, rotated_at: Date.now() });
  }

  async revoke({ token_id, by }: { token_id: string; by: string }): Promise<Token | undefined> {
    this.#answer();
    const token = this.#tokens.get(token_id);
    if (token === undefined || token.revoked_at !== null) return token;
    return this.#keep({ ...token, revoked_at: Date.now(), revoked_by: by });
  }

  async changed(known: string | null, most: number): Promise<TokenState | undefined> {
    this.#answer();
    if (known === this.#state) return undefined;
    const now = Date.now();
    const secrets = this.#secrets.flatMap(({ digest, token_id, expires_at }) => {
      const token = this.#tokens.get(token_id);
      if (token === undefined || !hasNotEnded(token) || (expires_at !== null && expires_at <= now)) return [];
      const { role, namespaces, user_id, rates } = token;
      const ends = [token.expires_at, expires_at].filter((end) => end !== null);
      const end = ends.length === 0 ? null : Math.min(...ends);
      return [{ digest, token_id, role, namespaces, user_id, rates, expires_at: end }];
    });
    secrets.sort((a, b) => (a.token_id < b.token_id ? 1 : -1));
    return { state: this.#state, secrets: secrets.slice(0, most) };
  }

  async removeEnded(before: number): Promise<number> {
    this.#answer();
    const ended = [...this.#tokens.values()].filter((token) =>
      [token.revoked_at, token.expires_at].some((end) => end !== null && end < before),
    );
    for (const { token_id } of ended) this.#tokens.delete(token_id);
    this.#state = randomUUID();
    return ended.length;
  }

  #answer(): void {
    if (this.down) throw new SomaError('store_unavailable', 'no answer');
  }

  #add(token_id: string, digest: Buffer): void {
    this.#secrets.push({ digest: digest.toString('hex'), token_id, expires_at: null });
  }

  #keep(token: Token): Token {
    this.#tokens.set(token.token_id, token);
    this.#state = randomUUID();
    return token;
  }
}

function hasNotEnded({ revoked_at, expires_at }: Token): boolean {
  return revoked_at === null && (expires_at === null || expires_at > Date.now());
}
