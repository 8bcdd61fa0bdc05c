import type { Filterable, RecallFacts } from '@soma/memory';

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
  facts: string | null,
];

export interface StoredPoint {
  namespace: string;
  key: string;
  revision: number;
  /** Null when the point is deleted. */
  content: StoredContent | null;
}

export interface StoredContent {
  /** Hex of little-endian float32s. */
  dense: string | null;
  /** Both valid until the next row is read. */
  terms: Uint32Array;
  weights: Float32Array;
  /** JSON of a Filterable. */
  fields: string;
  /** Null when the point was written before points had them. */
  facts: RecallFacts | null;
}

export function changeOf(row: PointRow): number {
  return Number(row[0]);
}

/** Characters of the row: what a page is measured by. */
export function sizeOf(row: PointRow): number {
  return row.reduce((sum, column) => sum + (column?.length ?? 0), 0);
}

export function readPointRow(row: PointRow): StoredPoint {
  const [, namespace, key, revision, deleted, dense, sparseIndices, sparseValues, fields, facts] = row;
  const point = { namespace, key, revision: Number(revision) };
  if (deleted === 't') return { ...point, content: null };
  return {
    ...point,
    content: {
      dense: dense === null ? null : hexOf(dense),
      terms: new Uint32Array(...termBytes.decode(hexOf(sparseIndices ?? ''))),
      weights: new Float32Array(...weightBytes.decode(hexOf(sparseValues ?? ''))),
      fields: fields ?? '{}',
      facts: facts === null ? null : (JSON.parse(facts) as RecallFacts),
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
  return JSON.parse(
    Buffer.from(fields.buffer, fields.byteOffset, fields.byteLength).toString(),
  ) as Filterable;
}

/** Without the \x before it. */
function hexOf(bytea: string): string {
  return bytea.slice(2);
}

/** Decodes hex of 4-byte numbers into one buffer again and again. Postgres's side and this one are little-endian. */
class NumberBytes {
  #buffer = Buffer.allocUnsafeSlow(4096);

  /** Arguments of a typed array's constructor. */
  decode(hex: string): [buffer: ArrayBuffer, offset: number, length: number] {
    const bytes = hex.length / 2;
    if (bytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(bytes);
    this.#buffer.write(hex, 'hex');
    return [this.#buffer.buffer, 0, bytes / 4];
  }
}

const termBytes = new NumberBytes();
const weightBytes = new NumberBytes();
