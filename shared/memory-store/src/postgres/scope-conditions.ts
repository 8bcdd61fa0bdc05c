import type { Filter } from '@soma/memory';
import type { Name } from './compile-filter.js';

/** Attributes whose values lead into an index of memories. */
const INDEXED = ['user_id', 'agent_id', 'thread_id'] as const;

/**
 * What a filter demands of these by equality, as conditions that Postgres looks up in an index. The filter itself,
 * which says the same so that it can be negated, is no such condition.
 */
export function scopeConditions(filter: Filter, name: Name): string[] {
  if (filter.op === 'and') return filter.clauses.flatMap((clause) => scopeConditions(clause, name));
  if (filter.op !== 'eq' || !('attribute' in filter.field) || typeof filter.value !== 'string') return [];
  const { attribute } = filter.field;
  const column = INDEXED.find((indexed) => indexed === attribute);
  return column === undefined ? [] : [`memories.${column} = ${name(filter.value, 'text')}`];
}
