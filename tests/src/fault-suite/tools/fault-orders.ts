/**
 * Where inside a batch of a worker. A batch of writer or graph is one transaction that locks its progress row first;
 * indexer and cache-invalidator make their effect, then move progress by one statement, which counts as theirs.
 *
 * `before-transaction`: nothing of it was made (of the latter two: the effect was, progress was not);
 * `in-transaction`: all its statements but the commit were made; `after-transaction`: Postgres has answered that it
 * is committed; `after-produce`: the brokers have answered that they hold records of `topic`; `before-commit`: the
 * group's offsets are about to be committed.
 *
 * `after-read` is in no batch: Postgres has answered a reader who asked for states of memories by their keys.
 */
export type Point =
  | 'before-transaction'
  | 'in-transaction'
  | 'after-transaction'
  | 'after-produce'
  | 'before-commit'
  | 'after-read';

/** What the process does to itself at the point. */
export interface PointOrder {
  point: Point;
  /** The consumer group whose batch it is. Of no matter to `after-produce` and `after-read`. */
  group: string;
  /** Of the batch, or of the produced records. Absent: any. */
  topic?: string;
  how: 'SIGKILL' | 'SIGSTOP';
  /** Passes let go before. Default 0. */
  skip?: number;
}

/** What the parent tells the preloaded module. */
export type FaultOrder =
  | { fault_order: 'arm'; id: number; order: PointOrder }
  | { fault_order: 'disarm'; id: number }
  | { fault_order: 'shift-clock'; id: number; shiftMs: number };

/** What the preloaded module answers. */
export interface FaultReport {
  fault_report: 'done' | 'hit';
  id: number;
}

export function isFaultOrder(message: unknown): message is FaultOrder {
  return typeof message === 'object' && message !== null && 'fault_order' in message;
}

export function isFaultReport(message: unknown): message is FaultReport {
  return typeof message === 'object' && message !== null && 'fault_report' in message;
}
