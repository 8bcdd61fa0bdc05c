import type { JsonObject } from '@soma/memory';
import { Client, target, type Target } from './client.js';

export interface TokenAnswer {
  token: {
    token_id: string;
    description: string;
    role: string;
    namespaces: string[];
    user_id: string | null;
    created_by: string;
    revoked_at: string | null;
  };
  secret: string;
}

export interface Granted {
  token_id: string;
  secret: string;
  /** Calls with the new token. */
  client: Client;
}

/** Makes a token for one namespace, that of the client that comes with it. */
export async function granted(
  namespace: string,
  grant: JsonObject = {},
  at: Target = target(),
): Promise<Granted> {
  const json = { description: 'an acceptance test', role: 'writer', namespaces: [namespace], ...grant };
  const operator = new Client({ target: at });
  const { status, body } = await operator.call<TokenAnswer>('POST', '/admin/tokens', { json });
  if (status !== 201) throw new Error(`no token was made: ${status}`);
  const { secret, token } = body;
  const client = new Client({ namespace, target: { url: at.url, token: secret } });
  return { token_id: token.token_id, secret, client };
}
