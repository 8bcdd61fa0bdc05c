import {
  allowInsecureRequests,
  clientCredentialsGrantRequest,
  ClientSecretPost,
  processClientCredentialsResponse,
  ResponseBodyError,
  type TokenEndpointResponse,
} from 'oauth4webapi';
import { LoginFailed } from './login-failed.js';

/** Login by OAuth 2.0's client credentials (RFC 6749 section 4.4), sent to Kafka as OAUTHBEARER (RFC 7628). */
export interface OAuthLogin {
  mechanism: 'oauthbearer';
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  scope?: string;
  /** What the broker wants to hear beside the token; names of letters, values printable (RFC 7628 section 3.1). */
  extensions?: Record<string, string>;
}

/** Kafka ends a connection with its token, and kafkajs logs in anew 10 s before that: by then there has to be a new one. */
const SPARE_MS = 15_000;
const SHARE_OF_LIFE = 0.8;
/** Of a token that does not say how long it lives. */
const ASSUMED_LIFE_SECONDS = 60;
const TIMEOUT_MS = 5_000;

interface Held {
  token: string;
  renewAt: number;
}

/**
 * Gives the token to log in with: the same one for all connections until it grows old. Those who ask while one is
 * fetched get that one.
 * @throws LoginFailed that names settings and has nothing of what was sent or answered
 */
export function createTokenSource(login: OAuthLogin): () => Promise<string> {
  let held: Held | undefined;
  let fetching: Promise<Held> | undefined;
  return async () => {
    if (held !== undefined && Date.now() < held.renewAt) return held.token;
    fetching ??= fetchToken(login).finally(() => {
      fetching = undefined;
    });
    held = await fetching;
    return held.token;
  };
}

async function fetchToken(login: OAuthLogin): Promise<Held> {
  const askedAt = Date.now();
  const answer = await ask(login);
  const life = (answer.expires_in ?? ASSUMED_LIFE_SECONDS) * 1000;
  return {
    token: answer.access_token,
    renewAt: askedAt + Math.min(life * SHARE_OF_LIFE, life - SPARE_MS),
  };
}

async function ask({ tokenUrl, clientId, clientSecret, scope }: OAuthLogin): Promise<TokenEndpointResponse> {
  const server = { issuer: new URL(tokenUrl).origin, token_endpoint: tokenUrl };
  const client = { client_id: clientId };
  const parameters = scope === undefined ? {} : { scope };
  const options = { [allowInsecureRequests]: true, signal: AbortSignal.timeout(TIMEOUT_MS) };
  try {
    const login = ClientSecretPost(clientSecret);
    const response = await clientCredentialsGrantRequest(server, client, login, parameters, options);
    return await processClientCredentialsResponse(server, client, response);
  } catch (error) {
    throw new LoginFailed(reasonOf(error));
  }
}

/** The library's own errors hold what was answered, a token perhaps. */
function reasonOf(error: unknown): string {
  if (error instanceof ResponseBodyError) {
    const code = /^[a-z_]{1,40}$/.test(error.error) ? ` (${error.error})` : '';
    return `the token endpoint refuses the login to Kafka${code}: look at SOMA_KAFKA_SASL_USERNAME, SOMA_KAFKA_SASL_PASSWORD and SOMA_KAFKA_OAUTH_SCOPE`;
  }
  const { name } = error as Error;
  return ['TypeError', 'TimeoutError'].includes(name)
    ? 'the token endpoint of SOMA_KAFKA_OAUTH_TOKEN_URL does not answer'
    : 'what answers at SOMA_KAFKA_OAUTH_TOKEN_URL is no OAuth 2.0 token endpoint';
}
