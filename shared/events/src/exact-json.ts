import { isJsonObject, type JsonObject, type JsonValue } from '@soma/memory';

export type ParsedJson = { value: JsonValue } | { problem: string };

/** Nesting that neither a parser nor a walk over the value can choke on; far above what a memory may have. */
const MAX_DEPTH = 512;
/** U+0000, which Postgres cannot keep, and surrogates, which may stand alone. */
const SUSPECT_ESCAPE = /\\u(?:0000|d[89a-f])/i;

/**
 * Parses JSON, and refuses what would come out altered: a name twice in one object, integers that lose digits,
 * numbers that overflow, U+0000 and lone surrogates. Expects text that was decoded from valid UTF-8.
 */
export function parseExactJson(text: string): ParsedJson {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return { problem: 'it is not JSON' };
  }
  if (isDeeperThan(value, MAX_DEPTH)) return { problem: `it is nested deeper than ${MAX_DEPTH}` };
  // The usual case: what JavaScript would write is what was read, so nothing was lost.
  if (!SUSPECT_ESCAPE.test(text) && JSON.stringify(value) === text) return { value };
  const problem = findLoss(text);
  return problem === undefined ? { value } : { problem };
}

function isDeeperThan(value: JsonValue, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  if (Array.isArray(value)) return value.some((child) => isDeeperThan(child, depth - 1));
  for (const name in value) if (isDeeperThan(value[name] ?? null, depth - 1)) return true;
  return false;
}

/** Reads text that is known to be JSON token by token. */
function findLoss(text: string): string | undefined {
  /** Names seen in each open object; undefined for an open array. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = endOfString(text, at);
      const problem = findStringLoss(text, at, end, open.at(-1));
      if (problem !== undefined) return problem;
      at = end - 1;
    } else if (isNumberCharacter(character)) {
      let end = at + 1;
      while (isNumberCharacter(text.charAt(end))) end += 1;
      const problem = findNumberLoss(text.slice(at, end));
      if (problem !== undefined) return problem;
      at = end - 1;
    } else if (character === 't' || character === 'n') at += 3;
    else if (character === 'f') at += 4;
  }
  return undefined;
}

/** Position after the closing quote of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at + 1;
}

function findStringLoss(
  text: string,
  start: number,
  end: number,
  names: Set<string> | undefined,
): string | undefined {
  const quoted = text.slice(start, end);
  const string = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  if (string.includes('\0')) return 'a string contains U+0000';
  if (LONE_SURROGATE.test(string)) return 'a string contains a lone surrogate';
  if (names === undefined || !isName(text, end)) return undefined;
  if (names.has(string)) return 'an object has a name twice';
  names.add(string);
  return undefined;
}

/** With the u flag, a surrogate of a pair is part of its character and does not match. */
const LONE_SURROGATE = /\p{Surrogate}/u;

function isName(text: string, after: number): boolean {
  let at = after;
  while (WHITESPACE.has(text.charAt(at))) at += 1;
  return text.charAt(at) === ':';
}

const WHITESPACE: ReadonlySet<string> = new Set([' ', '\t', '\n', '\r']);
const NUMBER_CHARACTERS: ReadonlySet<string> = new Set('0123456789+-.eE');

function isNumberCharacter(character: string): boolean {
  return NUMBER_CHARACTERS.has(character);
}

function findNumberLoss(token: string): string | undefined {
  const number = Number(token);
  if (!Number.isFinite(number)) return 'a number overflows';
  const isInteger = !/[.eE]/.test(token);
  if (isInteger && token !== '-0' && String(number) !== token)
    return 'an integer has more digits than can be kept';
  return undefined;
}

/** As parseExactJson, for a place where only an object may stand. */
export function parseExactJsonObject(text: string): { value: JsonObject } | { problem: string } {
  const parsed = parseExactJson(text);
  if ('problem' in parsed) return parsed;
  return isJsonObject(parsed.value) ? { value: parsed.value } : { problem: 'it is not a JSON object' };
}
