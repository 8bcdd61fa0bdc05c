import { SomaError } from '@soma/memory';
import type pg from 'pg';
import { changeOf, sizeOf, type PointRow } from './point-row.js';
import type { Scanner } from './scanner.js';
import { SELECT_CHANGES } from './statements.js';

/** How far a loading copy is. */
export interface LoadProgress {
  collection: string;
  /** Changes applied, and to apply; one change per point at most. */
  applied: number;
  total: number;
}

interface Head {
  incarnation: string;
  dimension: number;
  lastChange: number;
  prunedChange: number;
}

interface Page {
  /** The change after which it begins. */
  after: number;
  head: Head;
  rows: PointRow[];
  isLast: boolean;
}

/** A row of SELECT_CHANGES: the head, then a point's columns, null when there is no further change. */
type ChangeRow = [
  incarnation: string,
  dimension: string,
  lastChange: string,
  prunedChange: string,
  ...(PointRow | null[]),
];

const FIRST_PAGE_ROWS = 200;
const MOST_PAGE_ROWS = 2000;
/** Characters a page should have; rows can be a hundred times larger than usual. */
const PAGE_SIZE = 2_000_000;

/**
 * Brings the scanner's copy of one collection up to what Postgres holds. The invariant: the copy equals the rows
 * whose change is at or below `position`, as they were when `position` was reached.
 *
 * No change is missed: numbers are given out under a lock that is held until commit, so they become visible in
 * their order; a point that changes again moves to a greater number and is read there; and each page reads on from
 * the last row of the one before, without an upper bound, until a page is not full. The only rows that vanish are
 * pruned deletions; a copy that may have missed one starts over.
 */
export class CollectionFollower {
  readonly #pool: pg.Pool;
  readonly #scanner: Scanner;
  readonly #collection: string;
  #head: Head | undefined;
  #position = 0;
  /** Deletions up to this change cannot have been missed, whatever was pruned. */
  #safeUntil = 0;
  #live = 0;
  #pageRows = FIRST_PAGE_ROWS;

  constructor(pool: pg.Pool, scanner: Scanner, collection: string) {
    this.#pool = pool;
    this.#scanner = scanner;
    this.#collection = collection;
  }

  /** Live points of the copy. */
  get live(): number {
    return this.#live;
  }

  get dimension(): number {
    return this.#head?.dimension ?? 0;
  }

  /** Applies everything that was committed before the call. Not to be called again before it is done. */
  async catchUp(onProgress: (progress: LoadProgress) => void): Promise<void> {
    let page = await this.#read(this.#position);
    for (;;) {
      if (this.#mustStartOver(page.head)) {
        await this.#startOver(page.head);
        if (page.after > 0) page = await this.#read(0);
        continue;
      }
      const last = page.rows.at(-1);
      if (last === undefined) return;
      const { head, rows, isLast } = page;
      const [answer, next] = await Promise.all([
        this.#scanner.run({ type: 'apply', collection: this.#collection, rows }),
        isLast ? undefined : this.#read(changeOf(last)),
      ]);
      this.#position = changeOf(last);
      this.#live = answer.live;
      onProgress({ collection: this.#collection, applied: this.#position, total: head.lastChange });
      if (next === undefined) return;
      page = next;
    }
  }

  #mustStartOver(head: Head): boolean {
    return (
      head.incarnation !== this.#head?.incarnation ||
      head.lastChange < this.#position ||
      head.prunedChange > Math.max(this.#position, this.#safeUntil)
    );
  }

  async #startOver(head: Head): Promise<void> {
    await this.#scanner.run({ type: 'reset', collection: this.#collection, dimension: head.dimension });
    this.#head = head;
    this.#position = 0;
    this.#live = 0;
    // What was deleted by now is not read as living later.
    this.#safeUntil = head.lastChange;
  }

  async #read(after: number): Promise<Page> {
    const limit = this.#pageRows;
    const { rows } = await this.#pool.query<ChangeRow>({
      text: SELECT_CHANGES,
      values: [this.#collection, after, limit],
      rowMode: 'array',
      // Rows go to the scanner as they come; it reads them on its own thread.
      types: { getTypeParser: () => (text: string) => text },
    });
    const [first] = rows;
    if (first === undefined) throw new SomaError('index_unavailable', 'the index has no such collection');
    const [incarnation, dimension, lastChange, prunedChange] = first;
    const points = rows.map(([, , , , ...point]) => point).filter(isPoint);
    this.#adaptPage(points);
    return {
      after,
      head: {
        incarnation,
        dimension: Number(dimension),
        lastChange: Number(lastChange),
        prunedChange: Number(prunedChange),
      },
      rows: points,
      isLast: points.length < limit,
    };
  }

  #adaptPage(rows: PointRow[]): void {
    if (rows.length === 0) return;
    const rowSize = rows.reduce((sum, row) => sum + sizeOf(row), 0) / rows.length;
    this.#pageRows = Math.max(1, Math.min(MOST_PAGE_ROWS, Math.floor(PAGE_SIZE / rowSize)));
  }
}

function isPoint(columns: PointRow | null[]): columns is PointRow {
  return columns[0] !== null;
}
