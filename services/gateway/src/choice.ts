import {
  EVERYTHING,
  isSelective,
  parseFilter,
  scopedFilter,
  type JsonObject,
  type Scalar,
} from '@soma/memory';
import { RequestRefused } from './refusal.js';

/** The fields of a request that narrow it beside its filters. */
export type ScopeFields = Partial<
  Record<'user_id' | 'agent_id' | 'thread_id' | 'memory_type', Scalar | undefined>
>;

/**
 * A filter that means nearly everything was hardly meant, unless the request says so. The scope is part of the choice.
 * @throws RequestRefused invalid_filter
 */
export function requireChoice(
  filters: JsonObject | undefined,
  { scope = {}, all = false }: { scope?: ScopeFields; all?: boolean } = {},
): void {
  const parsed = filters === undefined ? ({ ok: true, filter: EVERYTHING } as const) : parseFilter(filters);
  if (!parsed.ok) throw new RequestRefused('invalid_filter', parsed.detail);
  if (all || isSelective(scopedFilter(scope, parsed.filter))) return;
  throw new RequestRefused(
    'invalid_filter',
    'every branch of the filter must say what matches, not only what does not; all: true means everything',
  );
}
