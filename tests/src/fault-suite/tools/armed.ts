import type { Point, PointOrder } from './fault-orders.js';

/** A pass through a point. */
export interface Pass {
  point: Point;
  group?: string;
  topics: readonly string[];
}

interface Waiting {
  id: number;
  order: PointOrder;
  /** Passes still let go. */
  skip: number;
}

/** The points at which this process is to harm itself. */
export class Armed {
  readonly #onHit: (id: number) => void;
  readonly #waiting = new Map<number, Waiting>();

  /** @param onHit must have told whoever is to know when it returns */
  constructor(onHit: (id: number) => void) {
    this.#onHit = onHit;
  }

  arm(id: number, order: PointOrder): void {
    this.#waiting.set(id, { id, order, skip: order.skip ?? 0 });
  }

  disarm(id: number): void {
    this.#waiting.delete(id);
  }

  /** Returns when nothing is to happen here, or, after a SIGSTOP, when the process goes on. */
  pass(pass: Pass): void {
    for (const waiting of this.#waiting.values()) {
      if (!isAt(waiting.order, pass)) continue;
      waiting.skip -= 1;
      if (waiting.skip >= 0) continue;
      this.#waiting.delete(waiting.id);
      this.#onHit(waiting.id);
      process.kill(process.pid, waiting.order.how);
    }
  }
}

function isAt(order: PointOrder, { point, group, topics }: Pass): boolean {
  if (order.point !== point) return false;
  if (group !== undefined && group !== order.group) return false;
  return order.topic === undefined || topics.includes(order.topic);
}
