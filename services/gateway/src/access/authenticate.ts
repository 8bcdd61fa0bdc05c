import { RequestRefused } from '../refusal.js';
import type { Caller } from './caller.js';

export interface Authenticator {
  /** @throws RequestRefused missing_token, invalid_token; SomaError auth_unavailable */
  authenticate(authorization: string | undefined): Promise<Caller>;
}

/** One kind of bearer token. */
export interface TokenScheme {
  /**
   * Undefined: it is none of this kind.
   * @throws RequestRefused invalid_token for one of this kind that is not valid; SomaError auth_unavailable
   */
  callerOf(bearer: string): Caller | undefined | Promise<Caller | undefined>;
}

// RFC 6750 section 2.1; any further scheme is as good as none.
const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

/** Asks one scheme after the other whose token it is. */
export function createAuthenticator(schemes: readonly TokenScheme[]): Authenticator {
  return {
    authenticate: async (authorization) => {
      const bearer = BEARER.exec(authorization ?? '')?.[1];
      if (bearer === undefined) {
        throw new RequestRefused('missing_token', 'send the token as Authorization: Bearer <token>', {
          headers: { 'WWW-Authenticate': 'Bearer' },
        });
      }
      for (const scheme of schemes) {
        const caller = await scheme.callerOf(bearer);
        if (caller !== undefined) return caller;
      }
      throw invalidToken('the bearer token is not one of this installation');
    },
  };
}

export function invalidToken(detail: string): RequestRefused {
  return new RequestRefused('invalid_token', detail, {
    headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
  });
}

// RFC 6750 section 2.3 and what people try. URLs end up in logs and histories.
const TOKEN_PARAMETERS: ReadonlySet<string> = new Set([
  'access_token',
  'api_token',
  'api_key',
  'apikey',
  'authorization',
]);

/** @throws RequestRefused invalid_request when a query parameter can only be a bearer token. */
export function refuseTokenInUrl(parameters: readonly string[]): void {
  const parameter = parameters.find((name) => TOKEN_PARAMETERS.has(name.toLowerCase()));
  if (parameter === undefined) return;
  throw new RequestRefused(
    'invalid_request',
    'tokens in URLs are refused; send Authorization: Bearer <token>',
    {
      faults: [{ parameter, detail: 'is not taken in a URL' }],
    },
  );
}
