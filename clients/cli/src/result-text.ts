import { pairsOf, type Cell } from './table.js';

/** An object whose fields this program need not know, one a line; objects inside it are unfolded by dots. */
export function resultText(result: Record<string, unknown>): string {
  const pairs = pairsIn(result, '');
  return pairs.length === 0 ? 'done' : pairsOf(pairs);
}

function pairsIn(object: Record<string, unknown>, prefix: string): [string, Cell][] {
  return Object.entries(object).flatMap(([name, value]): [string, Cell][] => {
    const path = `${prefix}${name}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return pairsIn(value as Record<string, unknown>, `${path}.`);
    }
    return [[path, typeof value === 'string' ? value : JSON.stringify(value)]];
  });
}
