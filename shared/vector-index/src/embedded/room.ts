import { SomaError } from '@soma/memory';
import type { IndexPoint } from '../port.js';
import type { EmbeddedLogger } from './embedded-vector-index.js';

/** Share of the most points from which on a log line says that the end is near. */
const NEARLY_FULL = 0.9;

/**
 * How many live points a collection may have, for its copy lies in memory. Each has the whole room, so that one can
 * be built anew beside another.
 */
export class Room {
  readonly #maxPoints: number;
  readonly #logger: EmbeddedLogger | undefined;
  #saidNearlyFull = false;

  constructor({ maxPoints, logger }: { maxPoints: number; logger: EmbeddedLogger | undefined }) {
    this.#maxPoints = maxPoints;
    this.#logger = logger;
  }

  /**
   * Deletions always find room. A replaced point counts as a new one here: the last few places stay free.
   * @throws SomaError invalid_configuration
   */
  check(live: number, points: IndexPoint[]): void {
    const added = points.filter((point) => !point.deleted).length;
    if (added === 0 || live + added <= this.#maxPoints) return;
    throw new SomaError(
      'invalid_configuration',
      `the embedded vector index is full at ${this.#maxPoints} points; use Qdrant, or raise its most points if memory allows`,
    );
  }

  look(live: number): void {
    const isNearlyFull = live > this.#maxPoints * NEARLY_FULL;
    if (isNearlyFull && !this.#saidNearlyFull) {
      this.#logger?.warn(
        { points: live, max_points: this.#maxPoints },
        'the embedded vector index is nearly full: plan for Qdrant',
      );
    }
    this.#saidNearlyFull ||= isNearlyFull;
  }
}
