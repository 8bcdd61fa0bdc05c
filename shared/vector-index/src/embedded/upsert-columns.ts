import { timestamp } from '@soma/postgres';
import type { IndexPoint } from '../port.js';

/** The points as a list per column, as UPSERT_POINTS takes them. */
export function upsertColumns(points: IndexPoint[]): unknown[] {
  const live = points.map((point) => (point.deleted ? null : point));
  return [
    points.map((point) => point.namespace),
    points.map((point) => point.key),
    points.map((point) => point.partition),
    points.map((point) => point.revision),
    points.map((point) => point.deleted),
    points.map((point) => (point.deleted ? timestamp(point.deleted_at) : null)),
    live.map((point) => bytes(point?.dense ?? null)),
    live.map((point) => bytes(point === null ? null : Uint32Array.from(point.sparse.indices))),
    live.map((point) => bytes(point === null ? null : Float32Array.from(point.sparse.values))),
    live.map((point) => (point === null ? null : JSON.stringify(point.fields))),
    live.map((point) => (point === null ? null : JSON.stringify(point.facts))),
  ];
}

/** Memory order, little-endian wherever Node runs. */
function bytes(array: Float32Array | Uint32Array | null): Buffer | null {
  return array === null ? null : Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}
