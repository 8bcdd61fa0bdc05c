import { Caller } from './caller.js';
import { DEFAULT_RETRY, type RetryOptions } from './retry.js';
import { SomaApi } from './soma-api.js';
import { Transport } from './transport.js';

export interface SomaClientOptions {
  /** Where the service is; http://127.0.0.1:40020 unless told otherwise. */
  url?: string | undefined;
  /** The bearer token, or what gets it: asked before each call. */
  token: string | (() => string | Promise<string>);
  /** The token's own unless told otherwise. */
  namespace?: string | undefined;
  /** Of each call that names none, milliseconds: waiting, attempts and pauses together. 30,000 unless told otherwise. */
  deadlineMs?: number | undefined;
  retry?: Partial<RetryOptions> | undefined;
  /** Instead of the global one. */
  fetch?: typeof fetch | undefined;
}

const DEFAULT_URL = 'http://127.0.0.1:40020';
const DEFAULT_DEADLINE_MS = 30_000;

/** A SomaFractalMemory service, as one token sees one namespace of it. Holds no connection and needs no closing. */
export class SomaClient extends SomaApi {
  /** @throws TypeError when `url` is none */
  constructor({ url, token, namespace, deadlineMs, retry, fetch: given }: SomaClientOptions) {
    const transport = new Transport({
      url: checkedUrl(url ?? DEFAULT_URL),
      token: typeof token === 'function' ? token : () => token,
      namespace,
      retry: { ...DEFAULT_RETRY, ...retry },
      fetch: given ?? fetch,
    });
    super(new Caller({ transport, deadlineMs: deadlineMs ?? DEFAULT_DEADLINE_MS, session: null }));
  }

  /**
   * One that reads its own writes: whatever is read, searched or walked with it is at least as new as all that was
   * written with it. `token` goes on with a session of another process.
   */
  session(token: string | null = null): SomaSession {
    return new SomaSession(this.caller.forSession(token));
  }
}

/** Carries the consistency token of its writes. Its writes go one after the other; batch() takes many at once. */
export class SomaSession extends SomaApi {
  /** Covers all that was written so far; null before the first write. Another process goes on with it. */
  get token(): string | null {
    return this.caller.token;
  }
}

function checkedUrl(text: string): string {
  const { protocol, username, password, search, hash } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError('url is no http or https address');
  if (username !== '' || password !== '') throw new TypeError('a token does not belong in url');
  if (search !== '' || hash !== '') throw new TypeError('url has a query or a fragment');
  return text.replace(/\/+$/, '');
}
