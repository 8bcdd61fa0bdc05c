import { closestMatch } from 'leven';
import type { Environment } from './settings.js';

/** Edits between two names up to which one may be a misspelling of the other. */
const MOST_EDITS = 6;

/**
 * One warning for each `SOMA_*` variable that nothing reads, with the known name nearest to it. `known`: the names
 * of all settings of the project that may share an environment with this process, as `settingNames` gives them.
 */
export function warnOfUnknownSettings(known: readonly string[], env: Environment = process.env): string[] {
  const names = new Set(known);
  return Object.keys(env)
    .filter((name) => name.startsWith('SOMA_') && !names.has(name))
    .sort()
    .map((name) => {
      const nearest = closestMatch(name, known, { maxDistance: MOST_EDITS });
      return `${name} is not a setting and has no effect${nearest === undefined ? '' : `; did you mean ${nearest}?`}`;
    });
}
