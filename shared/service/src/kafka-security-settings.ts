import { choice, flag, text } from './setting-types.js';
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
  SOMA_KAFKA_SASL_MECHANISM: setting(choice(['plain', 'scram-sha-256', 'scram-sha-512']).optional(), {
    doc: 'How this process logs in to Kafka: plain (with TLS only), scram-sha-256, scram-sha-512. Without it, it does not.',
    example: 'scram-sha-512',
  }),
  SOMA_KAFKA_SASL_USERNAME: setting(text().optional(), {
    doc: 'The user, or API key, that it logs in as.',
    example: 'soma',
  }),
  SOMA_KAFKA_SASL_PASSWORD: setting(text().optional(), {
    doc: 'The password, or API secret, of that user.',
    example: '<password>',
    secret: true,
  }),
};
