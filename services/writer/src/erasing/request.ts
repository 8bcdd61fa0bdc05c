import { isNamespace, parseCoordinate, parseFilter, SomaError, type JsonObject } from '@soma/memory';
import type { ErasureSelection } from '@soma/memory-store';
import { z } from 'zod';

const coord = z.string().refine((text) => parseCoordinate(text) !== undefined);
const namespace = z.string().refine(isNamespace);

const eraseRequest = z.object({
  namespace,
  coords: z.array(coord).optional(),
  filters: z.unknown().optional(),
  all: z.literal(true).optional(),
  at_most: z.int().min(0),
  dry_run: z.boolean().default(false),
});

const checkRequest = z.object({ namespace, coords: z.array(coord).optional() });

/** What an `erase` job is asked for. */
export interface EraseRequest {
  namespace: string;
  selection: ErasureSelection;
  /** More than this many are not erased: the job fails. */
  at_most: number;
  dry_run: boolean;
}

/** @throws SomaError invalid_request */
export function readEraseRequest(request: JsonObject): EraseRequest {
  const parsed = eraseRequest.safeParse(request);
  if (!parsed.success) throw unreadable();
  const { coords, filters, all, ...rest } = parsed.data;
  if (all === true) return { ...rest, selection: 'all' };
  if (coords !== undefined) return { ...rest, selection: { keys: keysOf(coords) } };
  const filter = parseFilter((filters ?? null) as JsonObject);
  if (!filter.ok) throw unreadable();
  return { ...rest, selection: { filter: filter.filter } };
}

/** Null keys: the whole namespace. @throws SomaError invalid_request */
export function readCheckRequest(request: JsonObject): { namespace: string; keys: string[] | null } {
  const parsed = checkRequest.safeParse(request);
  if (!parsed.success) throw unreadable();
  const { coords } = parsed.data;
  return { namespace: parsed.data.namespace, keys: coords === undefined ? null : keysOf(coords) };
}

function keysOf(coords: readonly string[]): string[] {
  return [...new Set(coords.map((text) => parseCoordinate(text)?.key ?? text))];
}

function unreadable(): SomaError {
  return new SomaError('invalid_request', 'the request of the job is not of the form that the writer reads');
}
