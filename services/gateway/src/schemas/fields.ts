import { isJsonObject, isTime, MEMORY_TYPES, parseTime, type JsonObject } from '@soma/memory';
import { z } from 'zod';

/*
 * The vocabulary of request schemas. What a value means to the domain (sizes, the grammar of coords) is checked by
 * checkCommand; here are its JSON type and what only HTTP knows.
 */

export const coord = z
  .string()
  .max(1000)
  .meta({
    description: 'The name of a memory: comma-separated numbers, or 1–200 of A-Z a-z 0-9 . _ : ~ @ + -',
    examples: ['42,17'],
  });

export const jsonObject = z
  .custom<JsonObject>(isJsonObject, { error: 'Invalid input: expected object' })
  .meta({ type: 'object' });

/** Whose memories, by which attributes. */
export const scope = {
  user_id: z.string().max(128).optional(),
  agent_id: z.string().max(128).optional(),
  thread_id: z.string().max(128).optional(),
  memory_type: z.enum(MEMORY_TYPES).optional(),
};

/** A filter in a query string, where it is JSON as text. */
export const queryFilters = z
  .string()
  .optional()
  .meta({ description: 'A filter as JSON', examples: ['{"topic":"product"}'] });

/** RFC 3339 in, epoch milliseconds out. */
export const time = z
  .string()
  .transform((text, context) => {
    const parsed = parseTime(text);
    if (parsed !== undefined && isTime(parsed)) return parsed;
    context.issues.push({
      code: 'custom',
      input: text,
      message: 'Invalid input: expected a time of RFC 3339 in the years 1 to 9999',
    });
    return z.NEVER;
  })
  .meta({ type: 'string', format: 'date-time' });

const HALF_LIFE = /^([1-9][0-9]{0,4})([mhdw])$/;
const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** As text in, milliseconds out. */
export const halfLife = z
  .string()
  .regex(HALF_LIFE, 'Expected a duration such as 30m, 12h, 7d or 4w')
  .meta({ description: 'Minutes, hours, days or weeks', examples: ['7d'] })
  .transform((text) => {
    const [, amount = '', unit = ''] = HALF_LIFE.exec(text) ?? [];
    return Number(amount) * (UNIT_MS[unit] ?? 0);
  });

/** A whole number in a query string. */
export function queryInteger(min: number, max: number) {
  return z
    .string()
    .transform((text, context) => {
      const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      context.issues.push({
        code: 'custom',
        input: text,
        message: `expected a whole number from ${min} to ${max}`,
      });
      return z.NEVER;
    })
    .meta({ type: 'integer', minimum: min, maximum: max });
}

/** A decimal number in a query string. */
export function queryNumber(min: number, max: number) {
  return z
    .string()
    .transform((text, context) => {
      const value = /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      context.issues.push({
        code: 'custom',
        input: text,
        message: `expected a number from ${min} to ${max}`,
      });
      return z.NEVER;
    })
    .meta({ type: 'number', minimum: min, maximum: max });
}

/** `true` or `false` in a query string. */
export const queryFlag = z
  .string()
  .transform((text, context) => {
    if (text === 'true' || text === 'false') return text === 'true';
    context.issues.push({ code: 'custom', input: text, message: 'expected true or false' });
    return z.NEVER;
  })
  .meta({ type: 'boolean' });
