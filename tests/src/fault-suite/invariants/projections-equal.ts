import type { Evidence } from '../evidence/evidence.js';
import type { MemoryRow, ProjectedRow } from '../evidence/rows.js';
import { nameOf } from '../model/replay.js';
import { digestOf } from '../stable-json.js';
import { graphFaults } from './graph-faults.js';
import type { Invariant, Sentence } from './invariant.js';

/** Index, cache and graph, and what reads answer, are what Postgres holds. */
export const PROJECTIONS_EQUAL: Invariant = {
  name: 'projections-equal',
  title: 'Index, cache and graph equal Postgres',
  check: (evidence) => {
    const memories = new Map(evidence.stored.memories.map((row) => [nameOf(row.namespace, row.key), row]));
    return [
      ...indexFaults(evidence, memories),
      ...answerFaults(evidence, memories),
      ...graphFaults(evidence),
    ];
  },
};

type Memories = ReadonlyMap<string, MemoryRow>;

/** A deleted memory's point may be gone: it is pruned one day, and a rebuilt index need not have it. */
function indexFaults({ index }: Evidence, memories: Memories): Sentence[] {
  if (index.size === 0 && memories.size > 0) return ['there is no collection in the index'];
  return [...index].flatMap(([collection, points]) => {
    const found = new Map(points.map((point) => [nameOf(point.namespace, point.key), point]));
    const missing = [...memories].flatMap(([name, memory]) =>
      memory.deleted || found.has(name) ? [] : [`${collection} lacks ${name}, version ${memory.version}`],
    );
    const wrong = points.flatMap((point) => {
      const name = nameOf(point.namespace, point.key);
      const fault = faultOfPoint(point, memories.get(name));
      return fault === undefined ? [] : [`${collection}: ${name} ${fault}`];
    });
    return [...missing, ...wrong];
  });
}

function faultOfPoint(point: ProjectedRow, memory: MemoryRow | undefined): Sentence | undefined {
  if (memory === undefined) return point.deleted ? undefined : 'is in the index and not in Postgres';
  if (point.revision !== memory.revision) {
    return `is at revision ${point.revision}, in Postgres at ${memory.revision} (version ${memory.version})`;
  }
  if (point.deleted !== memory.deleted) return `is deleted: ${point.deleted}, in Postgres: ${memory.deleted}`;
  if (memory.deleted) return undefined;
  if (point.version !== memory.version)
    return `has version ${point.version ?? 'none'} instead of ${memory.version}`;
  return point.digest === digestOf(memory.payload)
    ? undefined
    : `differs in payload at version ${memory.version}`;
}

/** Asked last of all, of a service with a warm cache. An expired memory is absent to readers. */
function answerFaults({ answered }: Evidence, memories: Memories): Sentence[] {
  return answered.flatMap(({ namespace, key, version, digest }) => {
    const name = nameOf(namespace, key);
    const memory = memories.get(name);
    if (version === null) {
      const isThere = memory?.deleted === false && memory.expires_at === null;
      return isThere ? [`${name} is answered as absent, in Postgres at version ${memory.version}`] : [];
    }
    if (memory === undefined || memory.deleted)
      return [`${name} is answered with version ${version} and does not exist`];
    if (memory.version !== version)
      return [`${name} is answered with version ${version} instead of ${memory.version}`];
    return digest === digestOf(memory.payload)
      ? []
      : [`${name} is answered with another payload at version ${version}`];
  });
}
