import { z } from 'zod';

/** A whole number within bounds, both included. */
export function integer(bounds: { min: number; max: number }) {
  const message = `must be a whole number from ${bounds.min} to ${bounds.max}`;
  return z
    .string()
    .regex(/^-?\d{1,15}$/, message)
    .transform(Number)
    .pipe(z.number().min(bounds.min, message).max(bounds.max, message));
}

/** A decimal number within bounds, both included. */
export function decimal(bounds: { min: number; max: number }) {
  const message = `must be a number from ${bounds.min} to ${bounds.max}`;
  return z
    .string()
    .regex(/^-?\d{1,15}(\.\d{1,15})?$/, message)
    .transform(Number)
    .pipe(z.number().min(bounds.min, message).max(bounds.max, message));
}

/** A TCP port; 0 lets the system choose one. */
export function port() {
  return integer({ min: 0, max: 65_535 });
}

/** `1`, `true`, `yes`, `on` or their opposites. */
export function flag() {
  return z
    .string()
    .toLowerCase()
    .pipe(
      z.enum(['1', 'true', 'yes', 'on', '0', 'false', 'no', 'off'], {
        error: 'must be 1 (true, yes, on) or 0 (false, no, off)',
      }),
    )
    .transform((word) => ['1', 'true', 'yes', 'on'].includes(word));
}

/** Any text but an empty one. */
export function text() {
  return z.string().trim().min(1, 'must not be empty');
}

/** Comma-separated, spaces around the items dropped; an empty value is an empty list. */
export function list() {
  return z.string().transform((value) => value.split(',').flatMap((item) => item.trim() || []));
}

/** One of a few words. */
export function choice<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: `must be one of: ${words.join(', ')}` });
}

/** An absolute URL of one of the protocols (`https`, `redis`). */
export function url(protocols: readonly string[]) {
  const message = `must be a URL that begins with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`;
  return z
    .string()
    .refine(
      (value) => URL.canParse(value) && protocols.includes(new URL(value).protocol.slice(0, -1)),
      message,
    );
}
