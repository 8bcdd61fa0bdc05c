import type { Schemas } from '@qdrant/js-client-rest';
import type { Filterable, RecallFacts } from '@soma/memory';
import type { IndexPoint, LivePoint } from '../port.js';
import { pointId } from './point-id.js';

export const DENSE = 'dense';
export const SPARSE = 'sparse';

/** What a point carries beside its vectors. A deleted one has no `fields`, and no vectors either. */
export interface PointPayload {
  namespace: string;
  key: string;
  partition: number;
  revision: number;
  deleted: boolean;
  /** Epoch milliseconds; of deleted points only. */
  deleted_at?: number;
  /** Epoch milliseconds, NEVER when it does not expire; of live points only. */
  expires_at?: number;
  fields?: Filterable;
  /** Missing in points written before points had them. */
  facts?: RecallFacts;
}

/** So that one range condition says whether a point has expired. */
export const NEVER = Number.MAX_SAFE_INTEGER;

export function toQdrantPoint(point: IndexPoint): Schemas['PointStruct'] {
  const { namespace, key, partition, revision } = point;
  const identity = { namespace, key, partition, revision };
  const payload: PointPayload = point.deleted
    ? { ...identity, deleted: true, deleted_at: point.deleted_at }
    : {
        ...identity,
        deleted: false,
        expires_at: point.fields.expires_at ?? NEVER,
        fields: point.fields,
        facts: point.facts,
      };
  return {
    id: pointId(namespace, key),
    vector: point.deleted ? {} : vectorsOf(point),
    payload: { ...payload },
  };
}

function vectorsOf({ dense, sparse }: LivePoint): Record<string, number[] | Schemas['SparseVector']> {
  return {
    ...(dense === null ? {} : { [DENSE]: Array.from(dense) }),
    ...(sparse.indices.length === 0 ? {} : { [SPARSE]: sparse }),
  };
}

/** Only what is older than the point that came may be replaced; each point has its own revision to beat. */
export function olderThan(points: IndexPoint[]): Schemas['Filter'] {
  return {
    should: points.map(({ namespace, key, revision }) => ({
      must: [{ has_id: [pointId(namespace, key)] }, { key: 'revision', range: { lt: revision } }],
    })),
  };
}

/** Qdrant refuses bodies above 32 MiB. */
const MOST_POINTS = 100;
const MOST_BYTES = 8 * 1024 * 1024;
/** A float in JSON, with its comma. */
const NUMBER_BYTES = 21;

export function* chunksOf(points: IndexPoint[]): Generator<IndexPoint[]> {
  let chunk: IndexPoint[] = [];
  let bytes = 0;
  for (const point of points) {
    const size = roughSize(point);
    if (chunk.length === MOST_POINTS || (chunk.length > 0 && bytes + size > MOST_BYTES)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(point);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

function roughSize(point: IndexPoint): number {
  if (point.deleted) return 1024;
  const numbers = (point.dense?.length ?? 0) + 2 * point.sparse.indices.length;
  return 1024 + numbers * NUMBER_BYTES + Buffer.byteLength(JSON.stringify(point.fields));
}
