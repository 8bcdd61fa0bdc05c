import { parseFilter, scopedFilter, type Filter, type JsonValue } from '@soma/memory';
import { RequestRefused } from '../refusal.js';
import { parseStrictJsonText, StrictJsonError } from '../strict-json.js';

/** The fields that narrow what a request is about. */
export interface Narrowing {
  user_id?: string | undefined;
  agent_id?: string | undefined;
  thread_id?: string | undefined;
  memory_type?: string | undefined;
  tag?: string | undefined;
  filters?: JsonValue | undefined;
}

/** All that a request asks of a memory. @throws RequestRefused invalid_filter */
export function requestedFilter({ filters, tag, ...scope }: Narrowing): Filter {
  const { user_id, agent_id, thread_id, memory_type } = scope;
  return scopedFilter({ user_id, agent_id, thread_id, memory_type, tags: tag }, filterOf(filters));
}

function filterOf(filters: JsonValue | undefined): Filter | undefined {
  if (filters === undefined) return undefined;
  const parsed = parseFilter(filters);
  if (!parsed.ok) throw new RequestRefused('invalid_filter', parsed.detail);
  return parsed.filter;
}

/** The JSON of `filters` in a query string. @throws RequestRefused invalid_filter */
export function filtersInQuery(text: string | undefined, depth: number): JsonValue | undefined {
  if (text === undefined) return undefined;
  try {
    return parseStrictJsonText(text, { depth });
  } catch (cause) {
    if (!(cause instanceof StrictJsonError)) throw cause;
    throw new RequestRefused('invalid_filter', `filters is not acceptable JSON: ${cause.message}`, { cause });
  }
}
