import { pino, type DestinationStream, type Logger } from 'pino';
import { prettyFactory } from 'pino-pretty';

export type { Logger };

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const LOG_FORMATS = ['json', 'text'] as const;

export interface LoggerOptions {
  service: string;
  level: (typeof LOG_LEVELS)[number];
  /** `json`: one object a line, for machines. `text`: for people. */
  format: (typeof LOG_FORMATS)[number];
  /** Where lines go; standard output when absent. */
  destination?: DestinationStream;
}

/** Keys whose values are secrets or what users have stored, at the top of a log line and three levels below. */
const REDACTED_KEYS = [
  'authorization',
  'Authorization',
  'cookie',
  'token',
  'secret',
  'password',
  'api_key',
  'apiKey',
  'connectionString',
  'payload',
  'text',
  'query',
  'content',
  'messages',
  'vector',
  'properties',
];
const REDACTED_PATHS = REDACTED_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `*.*.*.${key}`]);

/** A logger whose lines carry `service` and never a secret or payload. Writes before it returns, so exits lose nothing. */
export function createLogger(options: LoggerOptions): Logger {
  const config = {
    level: options.level,
    base: { service: options.service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
    serializers: { err: describeError, error: describeError },
  };
  const destination = options.destination ?? pino.destination(1);
  return pino(config, options.format === 'text' ? asText(destination) : destination);
}

function asText(destination: DestinationStream): DestinationStream {
  const format = prettyFactory({
    colorize: false,
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss.l',
  });
  return { write: (line) => destination.write(format(line)) };
}

/** The causes of an error that are followed. */
const MOST_CAUSES = 5;

/**
 * Only what is known to be harmless: drivers hang statements, keys and headers on their errors as further fields
 * (`detail` of a Postgres error quotes the row).
 */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { message: typeof error === 'string' ? error : typeof error };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: error.message,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth >= MOST_CAUSES
      ? {}
      : { cause: describeError(error.cause, depth + 1) }),
  };
}
