import { invalidParameter, RequestRefused } from './refusal.js';

/** The query of a request target as name → value. A name twice, or escapes that are not UTF-8, are refused. */
export function parseQueryString(target: string): Record<string, string> {
  const start = target.indexOf('?');
  const found = new Map<string, string>();
  for (const pair of start < 0 ? [] : target.slice(start + 1).split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = decode(equals < 0 ? '' : pair.slice(equals + 1));
    if (found.has(name)) throw invalidParameter(name, 'is given twice');
    if (value.includes('\0')) throw invalidParameter(name, 'holds U+0000');
    found.set(name, value);
  }
  return Object.fromEntries(found);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    throw new RequestRefused('invalid_request', 'the query has an escape that is not UTF-8', { cause });
  }
}
