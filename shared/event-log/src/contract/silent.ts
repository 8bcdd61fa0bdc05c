import type { Logger } from '../log-options.js';

/** A logger that says nothing, unless SOMA_TEST_LOG is set. */
export const silent: Logger = {
  debug: say('debug'),
  info: say('info'),
  warn: say('warn'),
  error: say('error'),
};

function say(level: string): (fields: object, message: string) => void {
  return (fields, message) => {
    if (process.env['SOMA_TEST_LOG'] !== undefined)
      process.stderr.write(`${level} ${message} ${inspect(fields)}\n`);
  };
}

function inspect(fields: object): string {
  return JSON.stringify(fields, (_name, value: unknown) => (value instanceof Error ? String(value) : value));
}
