import type { Arena, Need, Profile, StartedArena } from '../fault.js';
import { startClusterArena } from './cluster-arena.js';
import { startStandaloneArena } from './standalone-arena.js';

export type { StartedArena } from '../fault.js';
export { whyNot } from './needs.js';

export interface ArenaOptions {
  random: Arena['random'];
  say: Arena['say'];
  needs?: readonly Need[];
  /** Further settings of the processes. */
  env?: Readonly<Record<string, string>>;
}

/** Ready when it resolves. */
export function startArena(profile: Profile, options: ArenaOptions): Promise<StartedArena> {
  return profile === 'cluster' ? startClusterArena(options) : startStandaloneArena(options);
}
