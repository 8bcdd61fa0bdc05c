import type { Filter } from './filter.js';

/**
 * Does a filter say what it means, so that it may choose what is deleted? Every branch of an `$or` needs a clause that
 * is not inside `$not`; a filter that only excludes, or is empty, means nearly everything and is no choice.
 */
export function isSelective(filter: Filter): boolean {
  switch (filter.op) {
    case 'and':
      return filter.clauses.some(isSelective);
    case 'or':
      return filter.clauses.every(isSelective);
    case 'not':
      return false;
    default:
      return true;
  }
}
