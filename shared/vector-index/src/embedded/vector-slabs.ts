/** Rows per slab: growing never copies more than one slab. */
const SLAB_ROWS = 1024;
const FIRST_ROWS = 8;

/**
 * Unit vectors of one dimension in row order. Rows are only appended. The first slab doubles up to its full size,
 * so that a namespace of a few points takes little; each further one is allocated whole.
 */
export class VectorSlabs {
  readonly #dimension: number;
  readonly #slabs: Float32Array[] = [];
  #rows = 0;

  constructor(dimension: number) {
    this.#dimension = dimension;
  }

  get bytes(): number {
    return this.#slabs.reduce((sum, slab) => sum + slab.byteLength, 0);
  }

  /** Stores the vector scaled to length 1; null takes a row of zeros. */
  append(vector: Float32Array | null): void {
    const slab = this.#slabForNextRow();
    const start = (this.#rows % SLAB_ROWS) * this.#dimension;
    this.#rows += 1;
    if (vector !== null) slab.set(toUnit(vector), start);
  }

  appendRowOf(other: VectorSlabs, row: number): void {
    const slab = this.#slabForNextRow();
    const source = other.#slabs[Math.floor(row / SLAB_ROWS)];
    const from = (row % SLAB_ROWS) * this.#dimension;
    if (source !== undefined) {
      slab.set(source.subarray(from, from + this.#dimension), (this.#rows % SLAB_ROWS) * this.#dimension);
    }
    this.#rows += 1;
  }

  /** Dot product of a row with a query of the same dimension. */
  dot(row: number, query: Float64Array): number {
    const slab = this.#slabs[Math.floor(row / SLAB_ROWS)];
    return slab === undefined ? 0 : dotProduct(slab, (row % SLAB_ROWS) * this.#dimension, query);
  }

  #slabForNextRow(): Float32Array {
    const place = Math.floor(this.#rows / SLAB_ROWS);
    const last = this.#slabs[place];
    if (last !== undefined && ((this.#rows % SLAB_ROWS) + 1) * this.#dimension <= last.length) return last;
    const rows = place > 0 ? SLAB_ROWS : Math.min(SLAB_ROWS, Math.max(FIRST_ROWS, this.#rows * 2));
    const slab = new Float32Array(rows * this.#dimension);
    if (last !== undefined) slab.set(last);
    this.#slabs[place] = slab;
    return slab;
  }
}

/** A vector of length 1 in the same direction; zeros stay zeros. */
export function toUnit<V extends Float32Array | Float64Array>(vector: V): V {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const length = Math.sqrt(squares);
  return (length === 0 ? vector : vector.map((value) => value / length)) as V;
}

/** Four sums at a time, or each addition would wait for the one before it. */
function dotProduct(slab: Float32Array, start: number, query: Float64Array): number {
  const dimension = query.length;
  const whole = dimension - (dimension % 4);
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  for (let i = 0; i < whole; i += 4) {
    const at = start + i;
    a += (slab[at] as number) * (query[i] as number);
    b += (slab[at + 1] as number) * (query[i + 1] as number);
    c += (slab[at + 2] as number) * (query[i + 2] as number);
    d += (slab[at + 3] as number) * (query[i + 3] as number);
  }
  for (let i = whole; i < dimension; i += 1) a += (slab[start + i] as number) * (query[i] as number);
  return a + b + c + d;
}
