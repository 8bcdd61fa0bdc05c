import type { IndexCandidates, IndexQuery } from '../port.js';
import { IndexCopy } from './index-copy.js';
import type { PointRow } from './point-row.js';

/** What can be asked of the copies: each request is carried out whole, in the order given. */
export type ScanRequest =
  /** Forgets the collection's points and begins an empty copy. */
  | { type: 'reset'; collection: string; dimension: number }
  /** Gives the collection's memory back: it was dropped. */
  | { type: 'forget'; collection: string }
  | { type: 'apply'; collection: string; rows: PointRow[] }
  | { type: 'search'; collection: string; query: IndexQuery };

export interface ScanAnswer {
  /** Live points of the collection after the request. */
  live: number;
  /** Of a search of a copy that is there; otherwise null. */
  candidates: IndexCandidates | null;
}

/** Holds the copies of all collections and scans them. */
export interface Scanner {
  /** A search whose signal is aborted before it begins is not carried out. */
  run(request: ScanRequest, signal?: AbortSignal): Promise<ScanAnswer>;
  /** True when its copies are lost and another one has to be started. */
  isBroken(): boolean;
  /** Requests that wait or run. */
  waiting(): number;
  close(): Promise<void>;
}

export class Copies {
  readonly #copies = new Map<string, IndexCopy>();

  run(request: ScanRequest): ScanAnswer {
    if (request.type === 'reset') this.#copies.set(request.collection, new IndexCopy(request.dimension));
    if (request.type === 'forget') this.#copies.delete(request.collection);
    const copy = this.#copies.get(request.collection);
    // Whoever still followed a collection that was dropped meanwhile gets nothing.
    if (copy === undefined) return { candidates: null, live: 0 };
    if (request.type === 'apply') copy.apply(request.rows);
    return { candidates: request.type === 'search' ? copy.search(request.query) : null, live: copy.live };
  }
}
