import { readFileSync } from 'node:fs';
import type { KafkaLogConfig, OAuthLogin } from '@soma/event-log/kafka';
import { SomaError } from '@soma/memory';
import { isLoopbackName, type kafkaSettings } from '@soma/service';
import type { z } from 'zod';

type KafkaSettings = z.output<z.ZodObject<typeof kafkaSettings>>;

const CERTIFICATE_PATHS = [
  'SOMA_KAFKA_TLS_CA_PATH',
  'SOMA_KAFKA_TLS_CERT_PATH',
  'SOMA_KAFKA_TLS_KEY_PATH',
] as const;

/**
 * TLS and login of the settings, certificates read.
 * @throws SomaError invalid_configuration for settings that contradict each other, and files that cannot be read
 */
export function kafkaSecurity(settings: KafkaSettings): Pick<KafkaLogConfig, 'ssl' | 'sasl'> {
  const ssl = tlsOf(settings);
  const sasl = saslOf(settings);
  return { ...(ssl === undefined ? {} : { ssl }), ...(sasl === undefined ? {} : { sasl }) };
}

function tlsOf(settings: KafkaSettings): KafkaLogConfig['ssl'] {
  if (!settings.SOMA_KAFKA_TLS) {
    const named = CERTIFICATE_PATHS.find((name) => settings[name] !== undefined);
    if (named !== undefined) refuse(`${named} is set, but SOMA_KAFKA_TLS is not`);
    return undefined;
  }
  requireBoth(settings, 'SOMA_KAFKA_TLS_CERT_PATH', 'SOMA_KAFKA_TLS_KEY_PATH');
  const [ca, cert, key] = CERTIFICATE_PATHS.map((name) => fileOf(name, settings[name]));
  return {
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function saslOf(settings: KafkaSettings): KafkaLogConfig['sasl'] {
  const {
    SOMA_KAFKA_SASL_MECHANISM: mechanism,
    SOMA_KAFKA_SASL_USERNAME: username,
    SOMA_KAFKA_SASL_PASSWORD: password,
  } = settings;
  requireBoth(settings, 'SOMA_KAFKA_SASL_USERNAME', 'SOMA_KAFKA_SASL_PASSWORD');
  if (mechanism === undefined) {
    if (username !== undefined)
      refuse('SOMA_KAFKA_SASL_USERNAME is set, but SOMA_KAFKA_SASL_MECHANISM is not');
    return undefined;
  }
  if (username === undefined || password === undefined)
    refuse('SOMA_KAFKA_SASL_MECHANISM needs SOMA_KAFKA_SASL_USERNAME and SOMA_KAFKA_SASL_PASSWORD');
  const sent = SENT_AS_IT_IS[mechanism];
  if (sent !== undefined && !settings.SOMA_KAFKA_TLS)
    refuse(`SOMA_KAFKA_SASL_MECHANISM=${mechanism} would send ${sent} in the clear: set SOMA_KAFKA_TLS=1`);
  if (mechanism === 'oauthbearer') return { mechanism, ...oauthOf(settings, username, password) };
  // One after the other, because kafkajs's type does not take a mechanism of several.
  if (mechanism === 'plain') return { mechanism, username, password };
  if (mechanism === 'scram-sha-256') return { mechanism, username, password };
  return { mechanism, username, password };
}

const SENT_AS_IT_IS: Partial<Record<string, string>> = { plain: 'the password', oauthbearer: 'the token' };

function oauthOf(
  settings: KafkaSettings,
  clientId: string,
  clientSecret: string,
): Omit<OAuthLogin, 'mechanism'> {
  const { SOMA_KAFKA_OAUTH_TOKEN_URL: tokenUrl, SOMA_KAFKA_OAUTH_SCOPE: scope } = settings;
  if (tokenUrl === undefined)
    return refuse('SOMA_KAFKA_SASL_MECHANISM=oauthbearer needs SOMA_KAFKA_OAUTH_TOKEN_URL');
  const { protocol, hostname } = new URL(tokenUrl);
  if (protocol === 'http:' && !isLoopbackName(hostname))
    refuse('SOMA_KAFKA_OAUTH_TOKEN_URL would send the password in the clear: it has to begin with https://');
  const extensions = settings.SOMA_KAFKA_OAUTH_EXTENSIONS.map(readExtension);
  return {
    tokenUrl,
    clientId,
    clientSecret,
    ...(scope === undefined ? {} : { scope }),
    extensions: Object.fromEntries(extensions),
  };
}

/** RFC 7628 section 3.1; `auth` is the token itself. */
function readExtension(text: string): [name: string, value: string] {
  const [, name, value] = /^([A-Za-z]+)=([\x20-\x7e]+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined || name === 'auth')
    return refuse(
      'SOMA_KAFKA_OAUTH_EXTENSIONS has to be of the form name=value,name=value, names in letters',
    );
  return [name, value];
}

function requireBoth(settings: KafkaSettings, one: keyof KafkaSettings, other: keyof KafkaSettings): void {
  const [set, missing] = settings[one] === undefined ? [other, one] : [one, other];
  if (settings[set] !== undefined && settings[missing] === undefined)
    refuse(`${set} is set, but ${missing} is not`);
}

function fileOf(name: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    return refuse(`the file that ${name} names cannot be read (${code})`);
  }
}

function refuse(problem: string): never {
  throw new SomaError('invalid_configuration', problem);
}
