import type { IndexCandidates, IndexQuery } from '../port.js';
import { NamespaceCopy } from './namespace-copy.js';
import { readPointRow, type PointRow } from './point-row.js';
import { searchNamespace } from './search-namespace.js';
import { TermStatistics } from './term-statistics.js';

const NOTHING: IndexCandidates = { dense: [], sparse: [], about: new Map() };

/**
 * The copy of one collection, searched exactly. It follows its rows: whatever row was applied last for a key is
 * what it holds, so rows MUST be applied in the order of their changes. Every method is one step: a search never
 * sees half a point, and its two lists see the same points.
 */
export class IndexCopy {
  readonly #dimension: number;
  readonly #namespaces = new Map<string, NamespaceCopy>();
  readonly #statistics = new TermStatistics();
  #live = 0;

  constructor(dimension: number) {
    this.#dimension = dimension;
  }

  /** Live points, over all namespaces. */
  get live(): number {
    return this.#live;
  }

  apply(rows: PointRow[]): void {
    for (const row of rows) this.#applyRow(row);
  }

  search(query: IndexQuery): IndexCandidates {
    const points = this.#namespaces.get(query.namespace);
    return points === undefined ? NOTHING : searchNamespace(points, this.#statistics, query);
  }

  #applyRow(row: PointRow): void {
    const point = readPointRow(row);
    let points = this.#namespaces.get(point.namespace);
    const removed = points?.remove(point.key);
    if (removed !== undefined) {
      this.#statistics.remove(removed);
      this.#live -= 1;
    }
    if (point.content !== null) {
      points ??= new NamespaceCopy(this.#dimension);
      points.add(point, point.content);
      this.#namespaces.set(point.namespace, points);
      this.#statistics.add(point.content.terms);
      this.#live += 1;
    } else if (points?.size === 0) {
      this.#namespaces.delete(point.namespace);
    }
    if (points?.isSparse === true) this.#namespaces.set(point.namespace, points.compacted());
  }
}
