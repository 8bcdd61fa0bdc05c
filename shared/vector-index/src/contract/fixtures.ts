import { EVERYTHING, type Filterable, type RecallFacts } from '@soma/memory';
import type { DeletedPoint, IndexQuery, LivePoint } from '../port.js';

export const DIMENSION = 8;
export const NOW = 1_700_000_000_000;

/** A term that every point of these fixtures has, so that one query can find them all. */
export const EVERYWHERE = 7;

export function fields(changes: Partial<Filterable> = {}): Filterable {
  return {
    memory_type: 'episodic',
    user_id: null,
    agent_id: null,
    thread_id: null,
    actor: null,
    tags: [],
    importance: 0.5,
    occurred_at: null,
    expires_at: null,
    created_at: NOW,
    updated_at: NOW,
    version: 1,
    coord: 'coord',
    payload: {},
    ...changes,
  };
}

export function facts(changes: Partial<RecallFacts> = {}): RecallFacts {
  return {
    thread_id: null,
    speaker: null,
    occurred_at: null,
    updated_at: NOW,
    importance: 0.5,
    asks: false,
    tells_time: false,
    ...changes,
  };
}

export function livePoint(key: string, changes: Partial<Omit<LivePoint, 'deleted' | 'key'>> = {}): LivePoint {
  return {
    deleted: false,
    namespace: 'default',
    key,
    partition: 0,
    revision: 1,
    dense: axis(0),
    sparse: { indices: [EVERYWHERE], values: [1] },
    fields: fields(),
    facts: facts(),
    ...changes,
  };
}

export function deletedPoint(key: string, revision: number, deleted_at = NOW): DeletedPoint {
  return { deleted: true, namespace: 'default', key, partition: 0, revision, deleted_at };
}

/** A query for everything in the namespace, both ways. */
export function query(changes: Partial<IndexQuery> = {}): IndexQuery {
  return {
    namespace: 'default',
    filter: EVERYTHING,
    now: NOW,
    dense: { vector: axis(0), limit: 1000 },
    sparse: { vector: { indices: [EVERYWHERE], values: [1] }, limit: 1000 },
    about: false,
    ...changes,
  };
}

export function axis(place: number): Float32Array {
  return Float32Array.from({ length: DIMENSION }, (_, at) => (at === place ? 1 : 0));
}
