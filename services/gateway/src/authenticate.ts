import { createHash, timingSafeEqual } from 'node:crypto';
import { RequestRefused } from './refusal.js';

/** Whose token it was. `subject` is written down as issuer and makes idempotency keys its own. */
export interface Caller {
  subject: string;
  /** The namespace meant when a request names none. */
  default_namespace: string;
}

export interface Authenticator {
  /** @throws RequestRefused missing_token or invalid_token */
  authenticate(authorization: string | undefined): Caller;
}

// RFC 6750 section 2.1; any further scheme is as good as none.
const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

/** The single token of SOMA_API_TOKEN. Compares digests, so that time says nothing of the token or its length. */
export function singleTokenAuthenticator(token: string): Authenticator {
  const expected = digest(token);
  const caller: Caller = { subject: 'api-token', default_namespace: 'default' };
  return {
    authenticate: (authorization) => {
      const sent = BEARER.exec(authorization ?? '')?.[1];
      if (sent === undefined) {
        throw new RequestRefused('missing_token', 'send the token as Authorization: Bearer <token>', {
          headers: { 'WWW-Authenticate': 'Bearer' },
        });
      }
      if (!timingSafeEqual(digest(sent), expected)) {
        throw new RequestRefused('invalid_token', 'the bearer token is not one of this installation', {
          headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
        });
      }
      return caller;
    },
  };
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
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
