import { choice, flag, list, text, url } from './setting-types.js';
import { setting } from './setting.js';

/** How a process shows Kafka who it is, and knows Kafka by. What contradicts itself is refused where these are used. */
export const kafkaSecuritySettings = {
  SOMA_KAFKA_TLS: setting(flag().default(false), {
    doc: 'Speaks TLS with Kafka. The certificates of brokers are always verified.',
    example: '1',
  }),
  SOMA_KAFKA_TLS_CA_PATH: setting(text().optional(), {
    doc: 'File of the certificates (PEM) that brokers are verified by. Without it those that Node trusts.',
    example: '/run/secrets/kafka-ca.pem',
  }),
  SOMA_KAFKA_TLS_CERT_PATH: setting(text().optional(), {
    doc: "File of this process's own certificate (PEM), where Kafka asks for one.",
    example: '/run/secrets/kafka-client.pem',
  }),
  SOMA_KAFKA_TLS_KEY_PATH: setting(text().optional(), {
    doc: 'File of the key (PEM, without a passphrase) of that certificate.',
    example: '/run/secrets/kafka-client.key',
  }),
  SOMA_KAFKA_SASL_MECHANISM: setting(
    choice(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer']).optional(),
    {
      doc: 'How this process logs in to Kafka: plain (with TLS only), scram-sha-256, scram-sha-512, oauthbearer (with TLS only). Without it, it does not.',
      example: 'scram-sha-512',
    },
  ),
  SOMA_KAFKA_SASL_USERNAME: setting(text().optional(), {
    doc: 'The user, API key, or with oauthbearer the client id, that it logs in as.',
    example: 'soma',
  }),
  SOMA_KAFKA_SASL_PASSWORD: setting(text().optional(), {
    doc: 'The password, API secret, or client secret, of that user.',
    example: '<password>',
    secret: true,
  }),
  SOMA_KAFKA_OAUTH_TOKEN_URL: setting(url(['https', 'http']).optional(), {
    doc: 'With oauthbearer: where tokens are fetched, by the client credentials grant. Plain HTTP is taken on this machine only.',
    example: 'https://login.example.com/oauth2/token',
  }),
  SOMA_KAFKA_OAUTH_SCOPE: setting(text().optional(), {
    doc: 'With oauthbearer: the scope that is asked for, where the token endpoint wants one.',
    example: 'kafka',
  }),
  SOMA_KAFKA_OAUTH_EXTENSIONS: setting(list().default([]), {
    doc: 'With oauthbearer: what the broker wants to hear beside the token, as name=value, separated by commas.',
    example: 'logicalCluster=lkc-1,identityPoolId=pool-2',
  }),
};
