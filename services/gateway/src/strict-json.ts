import type { JsonObject, JsonValue } from '@soma/memory';

/** Why bytes are not JSON that can be kept exactly: a sentence without anything of the content but the place. */
export class StrictJsonError extends Error {
  override readonly name = 'StrictJsonError';
}

export interface StrictJsonLimits {
  /** Nesting that is still read; `[]` is 1. */
  depth: number;
}

/**
 * Reads JSON (RFC 8259) and refuses what would be altered or read differently elsewhere: invalid UTF-8, a byte
 * order mark, duplicate keys, lone surrogates, U+0000, integers beyond ±2^53, numbers that overflow or vanish.
 * A key named `__proto__` is an ordinary key of an ordinary object.
 * @throws StrictJsonError
 */
export function parseStrictJson(bytes: Uint8Array, limits: StrictJsonLimits): JsonValue {
  return new Parser(decodeUtf8(bytes), limits.depth).document();
}

/** As `parseStrictJson`, of text that is known to be well-formed Unicode. */
export function parseStrictJsonText(text: string, limits: StrictJsonLimits): JsonValue {
  return new Parser(text, limits.depth).document();
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new StrictJsonError('the body is not valid UTF-8');
  }
}

const WHITESPACE = /[ \t\n\r]*/y;
// RFC 8259 section 6: whole part, fraction, exponent.
const NUMBER = /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
// RFC 8259 section 7: all but control characters, quotes and backslashes; and what may follow a backslash.
const PLAIN = /[ !#-[\]-\uffff]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const LONE_SURROGATE = /\p{Surrogate}/u;
const LARGEST_INTEGER = 2n ** 53n;

class Parser {
  readonly #text: string;
  readonly #maxDepth: number;
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  document(): JsonValue {
    const value = this.#value(1);
    this.#skipWhitespace();
    if (this.#at < this.#text.length) throw this.#error('something follows the JSON value');
    return value;
  }

  #value(depth: number): JsonValue {
    this.#skipWhitespace();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(depth);
      case '[':
        return this.#array(depth);
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  #object(depth: number): JsonObject {
    this.#enter(depth);
    const object: JsonObject = {};
    if (this.#took('}')) return object;
    do {
      this.#skipWhitespace();
      const name = this.#string();
      if (Object.hasOwn(object, name)) throw this.#error('an object has the same key twice');
      if (!this.#took(':')) throw this.#error('expected a colon');
      setOwn(object, name, this.#value(depth + 1));
    } while (this.#took(','));
    if (!this.#took('}')) throw this.#error('expected a comma or the end of an object');
    return object;
  }

  #array(depth: number): JsonValue[] {
    this.#enter(depth);
    const array: JsonValue[] = [];
    if (this.#took(']')) return array;
    do {
      array.push(this.#value(depth + 1));
    } while (this.#took(','));
    if (!this.#took(']')) throw this.#error('expected a comma or the end of an array');
    return array;
  }

  #enter(depth: number): void {
    if (depth > this.#maxDepth) throw this.#error(`nested deeper than ${this.#maxDepth}`);
    this.#at += 1;
  }

  #string(): string {
    const start = this.#at;
    if (!this.#took('"')) throw this.#error('expected a string');
    const opened = this.#at;
    let escaped = false;
    // Piece by piece: one pattern for a whole string would need a stack as deep as the string is long.
    for (;;) {
      this.#match(PLAIN);
      if (this.#text[this.#at] === '"') break;
      if (this.#match(ESCAPE) === undefined)
        throw this.#error('a string has a character that it may not have');
      escaped = true;
    }
    this.#at += 1;
    if (!escaped) return this.#text.slice(opened, this.#at - 1);
    const text = JSON.parse(this.#text.slice(opened - 1, this.#at)) as string;
    // Only escapes can make these: the bytes are valid UTF-8 and control characters do not match.
    if (text.includes('\0')) throw this.#error('a string holds U+0000', start);
    if (LONE_SURROGATE.test(text)) throw this.#error('a string holds a lone surrogate', start);
    return text;
  }

  #number(): number {
    const start = this.#at;
    const literal = this.#match(NUMBER);
    if (literal === undefined) throw this.#error('expected a JSON value');
    const value = Number(literal);
    if (!Number.isFinite(value)) throw this.#error('a number is too large', start);
    const [mantissa = '', exponent] = literal.split(/[eE]/);
    if (value === 0 && /[1-9]/.test(mantissa)) throw this.#error('a number is too small', start);
    const beyond = exponent === undefined ? isBeyondInteger(mantissa) : isWrittenAsInteger(value);
    if (beyond) throw this.#error('an integer is beyond ±2^53', start);
    return value;
  }

  #word<T extends JsonValue>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw this.#error('expected a JSON value');
    this.#at += word.length;
    return value;
  }

  #took(character: string): boolean {
    this.#skipWhitespace();
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipWhitespace(): void {
    // Most tokens follow each other directly.
    if (this.#text.charCodeAt(this.#at) <= 0x20) this.#match(WHITESPACE);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #error(problem: string, at = this.#at): StrictJsonError {
    return new StrictJsonError(`${problem} (at character ${at})`);
  }
}

function isBeyondInteger(mantissa: string): boolean {
  const [whole = '0'] = mantissa.replace('-', '').split('.');
  return whole.length >= 16 && BigInt(whole) > LARGEST_INTEGER;
}

/** Would JSON.stringify write this as a whole number beyond 2^53? Then nobody could send it back as it was read. */
function isWrittenAsInteger(value: number): boolean {
  return Math.abs(value) > Number(LARGEST_INTEGER) && Math.abs(value) < 1e21;
}

function setOwn(object: JsonObject, name: string, value: JsonValue): void {
  if (name === '__proto__') {
    // Assignment would set the prototype.
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    object[name] = value;
  }
}
