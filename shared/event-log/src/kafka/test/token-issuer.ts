import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** An OAuth 2.0 server that gives tokens to one client, and shows Kafka the keys to verify them by. */
export interface TokenIssuer {
  tokenUrl: string;
  jwksUrl: string;
  /** All tokens so far. */
  issued: string[];
  stop(): Promise<void>;
}

export async function startTokenIssuer(client: {
  clientId: string;
  clientSecret: string;
  lifeSeconds: number;
}): Promise<TokenIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const key = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  const issued: string[] = [];

  /** Its audience is the scope asked for. */
  async function tokenFor(form: URLSearchParams): Promise<object> {
    const token = await new SignJWT({ scope: form.get('scope') })
      .setProtectedHeader({ alg: 'RS256', kid: 'one' })
      .setSubject(client.clientId)
      .setAudience(form.get('scope') ?? '')
      .setIssuedAt()
      .setExpirationTime(`${client.lifeSeconds}s`)
      .sign(privateKey);
    issued.push(token);
    return { access_token: token, token_type: 'Bearer', expires_in: client.lifeSeconds };
  }

  async function answerTo(path: string, body: string): Promise<object> {
    if (path === '/jwks') return { keys: [key] };
    const form = new URLSearchParams(body);
    const [id, secret] = ['client_id', 'client_secret'].map((name) => form.get(name));
    if (id !== client.clientId || secret !== client.clientSecret) return { error: 'invalid_client' };
    if (form.get('grant_type') !== 'client_credentials') return { error: 'unsupported_grant_type' };
    return tokenFor(form);
  }

  const server = createServer((request, response) => {
    const answered = text(request).then((body) => answerTo(request.url ?? '', body));
    void answered.then((answer) => {
      const status = 'error' in answer ? 401 : 200;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    tokenUrl: `${url}/token`,
    jwksUrl: `${url}/jwks`,
    issued,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
