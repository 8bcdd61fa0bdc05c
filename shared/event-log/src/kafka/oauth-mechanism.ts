import type { Mechanism } from 'kafkajs';
import { LoginFailed } from './login-failed.js';
import { createTokenSource, type OAuthLogin } from './oauth-token.js';

const LENGTH_BYTES = 4;

/** OAUTHBEARER for kafkajs, whose own takes the broker's refusal of a token for success. */
export function oauthMechanism(login: OAuthLogin): Mechanism {
  const currentToken = createTokenSource(login);
  return {
    mechanism: login.mechanism,
    authenticationProvider: ({ saslAuthenticate }) => ({
      authenticate: async () => {
        const message = Buffer.from(firstMessage(await currentToken(), login.extensions ?? {}));
        const length = Buffer.alloc(LENGTH_BYTES);
        length.writeInt32BE(message.length);
        const answer = await saslAuthenticate({
          request: { encode: () => Buffer.concat([length, message]) },
          response: { decode: (bytes) => bytes.subarray(LENGTH_BYTES), parse: (bytes) => bytes },
        });
        // RFC 7628 section 3.2.2: what is wrong comes as JSON; success has nothing to say.
        if (answer instanceof Buffer && answer.length > 0) throw new LoginFailed(REFUSED);
      },
    }),
  };
}

const REFUSED =
  'Kafka refuses the token: look at SOMA_KAFKA_OAUTH_SCOPE, SOMA_KAFKA_OAUTH_EXTENSIONS and SOMA_KAFKA_SASL_USERNAME';

/** RFC 7628 section 3.1. */
function firstMessage(token: string, extensions: Readonly<Record<string, string>>): string {
  const pairs = Object.entries({ auth: `Bearer ${token}`, ...extensions });
  return `n,,\x01${pairs.map(([name, value]) => `${name}=${value}\x01`).join('')}\x01`;
}
