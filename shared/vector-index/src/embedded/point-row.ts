import type { Filterable } from '@soma/memory';

/** A row of index_points as Postgres prints it, in the order of the select list; bytea as `\x…` hex. */
export type PointRow = [
  change: string,
  namespace: string,
  key: string,
  revision: string,
  deleted: string,
  dense: string | null,
  sparseIndices: string | null,
  sparseValues: string | null,
  fields: string | null,
];

export interface StoredPoint {
  namespace: string;
  key: string;
  revision: number;
  /** Null when the point is deleted. */
  content: StoredContent | null;
}

export interface StoredContent {
  dense: Float32Array | null;
  terms: Uint32Array;
  weights: Float32Array;
  /** JSON of a Filterable. */
  fields: string;
  /** Characters that the content took as text: what it weighs in memory, roughly. */
  size: number;
}

export function changeOf(row: PointRow): number {
  return Number(row[0]);
}

/** Characters of the row: what a page is measured by. */
export function sizeOf(row: PointRow): number {
  return row.reduce((sum, column) => sum + (column?.length ?? 0), 0);
}

export function readPointRow(row: PointRow): StoredPoint {
  const [, namespace, key, revision, deleted, dense, sparseIndices, sparseValues, fields] = row;
  const point = { namespace, key, revision: Number(revision) };
  if (deleted === 't') return { ...point, content: null };
  return {
    ...point,
    content: {
      dense: dense === null ? null : new Float32Array(bytes(dense)),
      terms: new Uint32Array(bytes(sparseIndices)),
      weights: new Float32Array(bytes(sparseValues)),
      fields: fields ?? '{}',
      size: sizeOf(row),
    },
  };
}

/** Payloads that most memories have are kept parsed, larger ones as bytes that a filter parses when it asks. */
const PARSED_LENGTH = 4096;
export type StoredFields = Filterable | Uint8Array;

export function storeFields(json: string): StoredFields {
  return json.length <= PARSED_LENGTH ? (JSON.parse(json) as Filterable) : Buffer.from(json);
}

export function readFields(fields: StoredFields): Filterable {
  if (!(fields instanceof Uint8Array)) return fields;
  return JSON.parse(Buffer.from(fields.buffer, fields.byteOffset, fields.byteLength).toString()) as Filterable;
}

/** A copy at an offset of its own, so that numbers in it are aligned. Both sides are little-endian. */
function bytes(hex: string | null): ArrayBuffer {
  if (hex === null) return new ArrayBuffer(0);
  const content = Buffer.allocUnsafeSlow((hex.length - 2) / 2);
  content.write(hex.slice(2), 'hex');
  return content.buffer;
}
