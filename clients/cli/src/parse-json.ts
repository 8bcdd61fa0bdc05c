import { CommandFailed, EXIT } from './exit-codes.js';

/** @throws CommandFailed that names `what` when the text is no JSON object */
export function parseJsonObject(text: string, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CommandFailed(EXIT.usage, `${what} is no JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new CommandFailed(EXIT.usage, `${what} has to be a JSON object, as in '{"topic": "tea"}'`);
}
