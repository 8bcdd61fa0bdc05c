import { integer, list, setting, text, url } from '@soma/service';
import type { z } from 'zod';
import { API_TOKEN } from './api-token.js';

/** RFC 7518 and RFC 8037, those with public keys: a verifier that could also sign is not wanted. */
export const JWT_ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

/** Who may. Without more than SOMA_API_TOKEN its token is the only one, until others are made. */
export const accessSettings = {
  SOMA_API_TOKEN: setting(
    text().regex(API_TOKEN, 'may have visible ASCII characters only, because it travels in a header'),
    {
      doc: 'The bearer token that may do everything. A file is read again when it changes; while it is gone, the last token goes on.',
      example: '<output of: openssl rand -hex 32>',
      secret: true,
    },
  ),
  SOMA_MAX_TOKENS: setting(integer({ min: 0, max: 1_000_000 }).default(10_000), {
    doc: 'Most further tokens that have not ended. Each gateway holds them all, about 500 bytes each.',
    example: '10000',
  }),
  SOMA_TOKEN_MAX_AGE: setting(integer({ min: 1, max: 86_400 }).default(300), {
    doc: 'Seconds that known tokens go on while Postgres does not answer; then they get 503 auth_unavailable. A token revoked meanwhile opens that long.',
    example: '300',
  }),
  SOMA_JWT_JWKS_URL: setting(url(['http', 'https']).optional(), {
    doc: 'Where the public keys of JWTs are (RFC 7517). This or SOMA_JWT_KEY_PATH turns JWTs on.',
    example: 'https://login.example.com/.well-known/jwks.json',
  }),
  SOMA_JWT_KEY_PATH: setting(text().optional(), {
    doc: 'File with public keys or certificates of JWTs in PEM, one after the other; read again when it changes.',
    example: '/run/secrets/jwt-keys.pem',
  }),
  SOMA_JWT_ALGORITHMS: setting(list().optional(), {
    doc: `Signature algorithms that are taken, comma-separated, of ${JWT_ALGORITHMS.join(', ')}. Needed for JWTs.`,
    example: 'RS256',
  }),
  SOMA_JWT_ISSUER: setting(text().optional(), {
    doc: 'What iss has to be. Needed for JWTs.',
    example: 'https://login.example.com/',
  }),
  SOMA_JWT_AUDIENCE: setting(text().optional(), {
    doc: 'What aud has to hold. Needed for JWTs.',
    example: 'somafractalmemory',
  }),
  SOMA_JWT_CLOCK_TOLERANCE: setting(integer({ min: 0, max: 300 }).default(5), {
    doc: 'Seconds by which the clock of who signs JWTs may differ from this one.',
    example: '5',
  }),
  SOMA_JWT_ROLE_CLAIM: setting(text().default('soma_role'), {
    doc: 'Claim with the role: reader, writer, admin, or a list with some of them, of which the highest counts. Absent: reader. Dots descend.',
    example: 'realm_access.roles',
  }),
  SOMA_JWT_NAMESPACES_CLAIM: setting(text().default('soma_namespaces'), {
    doc: 'Claim with the namespaces that may be entered: a name, a list of names, or * for all. Absent: none.',
    example: 'soma_namespaces',
  }),
  SOMA_JWT_USER_CLAIM: setting(text().optional(), {
    doc: 'Claim with the user whose memories alone may be seen and changed. When set, a JWT without it is refused; null in it means not bound.',
    example: 'sub',
  }),
  SOMA_JWT_KEYS_MAX_AGE: setting(integer({ min: 10, max: 604_800 }).default(86_400), {
    doc: 'Seconds that known keys go on while SOMA_JWT_JWKS_URL does not answer; then JWTs get 503 auth_unavailable.',
    example: '86400',
  }),
};

export type AccessSettings = z.output<z.ZodObject<typeof accessSettings>>;
