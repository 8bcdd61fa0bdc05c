import {
  EVERYTHING,
  isNamespace,
  MEMORY_TYPES,
  parseFilter,
  scopedFilter,
  SomaError,
  type Filter,
  type JsonObject,
} from '@soma/memory';
import { z } from 'zod';

const attribute = z.string().optional();

const deleteRequest = z.object({
  namespace: z.string().refine(isNamespace),
  filters: z.unknown().optional(),
  scope: z.object({
    user_id: attribute,
    agent_id: attribute,
    thread_id: attribute,
    memory_type: z.enum(MEMORY_TYPES).optional(),
  }),
  at_most: z.int().min(0),
  dry_run: z.boolean(),
  erase: z.boolean(),
  bound_to_user: z.string().nullable(),
});

/** What a `delete` job is asked for; the gateway has seen to it that the filter says what it means. */
export interface DeleteRequest {
  namespace: string;
  filter: Filter;
  /** More than this many are not deleted: the job fails. */
  at_most: number;
  dry_run: boolean;
  erase: boolean;
  /** The only user whose memories the caller may touch; null: anybody's. */
  bound_to_user: string | null;
}

/** @throws SomaError invalid_request */
export function readDeleteRequest(request: JsonObject): DeleteRequest {
  const parsed = deleteRequest.safeParse(request);
  if (!parsed.success) throw unreadable();
  const { filters, scope, ...rest } = parsed.data;
  const filter = filters === undefined ? EVERYTHING : parsedFilter(filters as JsonObject);
  const own = rest.bound_to_user === null ? {} : { user_id: rest.bound_to_user };
  return { ...rest, filter: scopedFilter(own, scopedFilter(scope, filter)) };
}

function parsedFilter(filters: JsonObject): Filter {
  const parsed = parseFilter(filters);
  if (!parsed.ok) throw unreadable();
  return parsed.filter;
}

function unreadable(): SomaError {
  return new SomaError('invalid_request', 'the request of the job is not of the form that the writer reads');
}
