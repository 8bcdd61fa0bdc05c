import { nameOf } from '../model/replay.js';
import { digestOf } from '../stable-json.js';
import type { Invariant } from './invariant.js';

/** An entry that a reader would take is the state in Postgres: not older, not newer, not another's. */
export const CACHE_NOT_OLDER: Invariant = {
  name: 'cache-not-older',
  title: 'No cache entry is older than Postgres',
  check: ({ cache, stored }) => {
    const memories = new Map(stored.memories.map((row) => [nameOf(row.namespace, row.key), row]));
    return (cache ?? []).flatMap((entry) => {
      const name = nameOf(entry.namespace, entry.key);
      const memory = memories.get(name);
      if (memory === undefined) return [`the cache holds ${name}, which Postgres does not`];
      if (entry.revision < memory.revision) {
        return [`the cache holds ${name} at revision ${entry.revision}, Postgres at ${memory.revision}`];
      }
      const isEqual =
        entry.revision === memory.revision &&
        entry.version === memory.version &&
        entry.deleted === memory.deleted &&
        (memory.deleted || entry.digest === digestOf(memory.payload));
      return isEqual
        ? []
        : [`the cache holds ${name} otherwise than Postgres at revision ${memory.revision}`];
    });
  },
};
