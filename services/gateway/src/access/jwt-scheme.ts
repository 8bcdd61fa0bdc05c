import { isSomaError, SomaError } from '@soma/memory';
import { errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose';
import type { Logger } from 'pino';
import { invalidToken, type TokenScheme } from './authenticate.js';
import { callerOfClaims } from './claims.js';
import { JwksKeys } from './jwks-keys.js';
import { PemKeys } from './pem-keys.js';
import { JWT_ALGORITHMS, type AccessSettings } from './settings.js';
import type { VerificationKeys } from './verification-keys.js';

export interface JwtScheme extends TokenScheme {
  start(): void;
  stop(): Promise<void>;
}

/** Undefined when no JWTs are set up. @throws SomaError invalid_configuration */
export function openJwtScheme(settings: AccessSettings, logger: Logger): JwtScheme | undefined {
  const { SOMA_JWT_JWKS_URL: url, SOMA_JWT_KEY_PATH: path } = settings;
  if (url === undefined && path === undefined) return undefined;
  const options = optionsOf(settings);
  const keys =
    url === undefined
      ? new PemKeys({ path: path ?? '', logger })
      : new JwksKeys({ url, maxAgeMs: settings.SOMA_JWT_KEYS_MAX_AGE * 1000, logger });
  return {
    callerOf: async (bearer) => {
      if (!looksLikeJwt(bearer)) return undefined;
      return callerOfClaims(await verified(bearer, keys, options), settings);
    },
    start: () => {
      keys.start();
    },
    stop: () => keys.stop(),
  };
}

function optionsOf(settings: AccessSettings): JWTVerifyOptions {
  const problems = [
    settings.SOMA_JWT_JWKS_URL !== undefined && settings.SOMA_JWT_KEY_PATH !== undefined
      ? 'SOMA_JWT_JWKS_URL is set, and so is SOMA_JWT_KEY_PATH: keep one of them'
      : undefined,
    ...(['SOMA_JWT_ALGORITHMS', 'SOMA_JWT_ISSUER', 'SOMA_JWT_AUDIENCE'] as const).map((name) =>
      settings[name] === undefined || settings[name].length === 0 ? `${name} is needed for JWTs` : undefined,
    ),
    ...(settings.SOMA_JWT_ALGORITHMS ?? []).map((algorithm) =>
      JWT_ALGORITHMS.some((known) => known === algorithm)
        ? undefined
        : `SOMA_JWT_ALGORITHMS: ${algorithm} is none of ${JWT_ALGORITHMS.join(', ')}`,
    ),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new SomaError('invalid_configuration', problems.join('\n'));
  return {
    algorithms: settings.SOMA_JWT_ALGORITHMS ?? [],
    issuer: settings.SOMA_JWT_ISSUER ?? '',
    audience: settings.SOMA_JWT_AUDIENCE ?? '',
    clockTolerance: settings.SOMA_JWT_CLOCK_TOLERANCE,
    requiredClaims: ['exp', 'sub'],
  };
}

/** The compact form of a JWS: header, payload, signature. */
function looksLikeJwt(bearer: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(bearer);
}

/** @throws RequestRefused invalid_token; SomaError auth_unavailable */
async function verified(jwt: string, keys: VerificationKeys, options: JWTVerifyOptions): Promise<JWTPayload> {
  try {
    return await verifiedByAny(jwt, keys, options);
  } catch (error) {
    if (isSomaError(error)) throw error;
    if (error instanceof errors.JWTExpired) throw invalidToken('the token has expired');
    if (error instanceof errors.JWTClaimValidationFailed)
      throw invalidToken(`the claim ${error.claim} of the token is not what it has to be`);
    // A key that is too short for its algorithm is a TypeError to jose.
    if (error instanceof errors.JOSEError || error instanceof TypeError)
      throw invalidToken('the token is not signed as it has to be');
    throw error;
  }
}

/** Where a token does not say which of several keys signed it, each is tried. */
async function verifiedByAny(
  jwt: string,
  keys: VerificationKeys,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(jwt, keys.resolve, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return (await jwtVerify(jwt, key, options)).payload;
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}
