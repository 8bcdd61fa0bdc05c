import { isJsonObject, type JsonValue, type Refusal } from '@soma/memory';
import type { z } from 'zod';
import { RequestRefused, type Fault } from './refusal.js';
import { parseStrictJson, StrictJsonError } from './strict-json.js';

/** Most places that one refusal names. */
const MOST_FAULTS = 32;

/** @throws RequestRefused invalid_request with a pointer to each place */
export function validateBody<Schema extends z.ZodType>(schema: Schema, body: JsonValue): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new RequestRefused('invalid_request', 'the body is not what this route takes', {
    faults: faultsOf(parsed.error).map(({ path, detail }) => ({ pointer: pointerOf(path), detail })),
  });
}

/** As `validateBody`, of the query. */
export function validateQuery<Schema extends z.ZodType>(
  schema: Schema,
  query: Record<string, string>,
): z.output<Schema> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  throw new RequestRefused('invalid_request', 'a parameter of the request is not valid', {
    faults: faultsOf(parsed.error).map(({ path, detail }): Fault => ({
      parameter: String(path[0] ?? ''),
      detail,
    })),
  });
}

/** @throws RequestRefused invalid_request */
export function parseJsonBody(bytes: Buffer, depth: number): JsonValue {
  if (bytes.length === 0) throw new RequestRefused('invalid_request', 'the body is empty; JSON is needed');
  try {
    return parseStrictJson(bytes, { depth });
  } catch (cause) {
    if (!(cause instanceof StrictJsonError)) throw cause;
    throw new RequestRefused('invalid_request', `the body is not acceptable JSON: ${cause.message}`, {
      cause,
    });
  }
}

interface PlacedFault {
  path: readonly PropertyKey[];
  detail: string;
}

/** What is wrong and where; the words are zod's, which name types and bounds and never the value. */
export function faultsOf(error: z.ZodError): PlacedFault[] {
  const faults = error.issues.flatMap((issue): PlacedFault[] => {
    if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, detail: issue.message }];
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      detail: 'is not a field of this request',
    }));
  });
  return faults.slice(0, MOST_FAULTS);
}

/** Why one item among many is not taken, which spoils no other; `what` names it, as in "the line". */
export function refusalOfItem(
  item: JsonValue,
  error: z.ZodError,
  what: string,
): { coord: string | null; refusal: Refusal } {
  const faults = faultsOf(error).map(({ path, detail }) => `${pointerOf(path) || what}: ${detail}`);
  const coord = isJsonObject(item) && typeof item['coord'] === 'string' ? item['coord'] : null;
  return { coord, refusal: { code: 'invalid_request', detail: faults.join('; ') } };
}

/** RFC 6901. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
