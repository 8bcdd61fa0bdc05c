import { SomaError } from '@soma/memory';
import type { IndexPoint } from '../port.js';
import type { EmbeddedLogger } from './embedded-logger.js';

export interface RoomOptions {
  maxPoints: number;
  logger: EmbeddedLogger | undefined;
  /** Live points of a collection, as the store has them: who writes need not hold a copy. */
  count: (collection: string) => Promise<number>;
}

/** Share of the most points from which on a log line says that the end is near. */
const NEARLY_FULL = 0.9;
/** Points that are written before the store is asked again how many there are. */
const TRUSTED_POINTS = 10_000;
/** While a collection is full the store is not asked more often, milliseconds. */
const ASK_AGAIN_MS = 1_000;

interface Known {
  counted: number;
  at: number;
  /** Written since then; what replaced a point is in here too. */
  added: number;
  /** Something was deleted since then: there may be more room. */
  deleted: boolean;
}

/**
 * How many live points a collection may have, for its copy lies in memory. Each has the whole room, so that one can
 * be built anew beside another. Several writers may pass it together by what each is trusted with.
 */
export class Room {
  readonly #options: RoomOptions;
  readonly #known = new Map<string, Known>();
  readonly #writing = new Map<string, Promise<void>>();
  #saidNearlyFull = false;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  /**
   * Runs `write` when there is room for the points; deletions always find some. One at a time in a collection, as the
   * store has it anyway, so that what is counted includes what was let in.
   * @throws SomaError index_unavailable: like an outage, so that what is to be indexed waits until there is room
   */
  async enter(collection: string, points: IndexPoint[], write: () => Promise<void>): Promise<void> {
    const entered = (this.#writing.get(collection) ?? Promise.resolve()).then(async () => {
      await this.#check(collection, points);
      await write();
    });
    this.#writing.set(
      collection,
      entered.catch(() => undefined),
    );
    await entered;
  }

  async #check(collection: string, points: IndexPoint[]): Promise<void> {
    const added = points.filter((point) => !point.deleted).length;
    if (added < points.length) this.#deleted(collection);
    if (added === 0) return;
    const { maxPoints } = this.#options;
    const known = await this.#knownOf(collection, added);
    if (known.counted + known.added + added > maxPoints) {
      throw new SomaError(
        'index_unavailable',
        `the embedded vector index is full at ${maxPoints} points and takes no more: use Qdrant, or raise SOMA_INDEX_MAX_POINTS if memory allows`,
      );
    }
    known.added += added;
  }

  /** The store is asked anew before more is written. */
  forget(collection: string): void {
    this.#known.delete(collection);
  }

  look(live: number): void {
    const { maxPoints, logger } = this.#options;
    const isNearlyFull = live > maxPoints * NEARLY_FULL;
    if (isNearlyFull && !this.#saidNearlyFull) {
      logger?.warn(
        { points: live, max_points: maxPoints },
        'the embedded vector index is nearly full: plan for Qdrant',
      );
    }
    this.#saidNearlyFull ||= isNearlyFull;
  }

  #deleted(collection: string): void {
    const known = this.#known.get(collection);
    if (known !== undefined) known.deleted = true;
  }

  async #knownOf(collection: string, added: number): Promise<Known> {
    const known = this.#known.get(collection);
    if (known !== undefined && !this.#isDoubtful(known, added)) return known;
    const counted = await this.#options.count(collection);
    this.look(counted);
    const fresh = { counted, at: performance.now(), added: 0, deleted: false };
    this.#known.set(collection, fresh);
    return fresh;
  }

  #isDoubtful(known: Known, added: number): boolean {
    const all = known.added + added;
    if (known.counted + all <= this.#options.maxPoints) return all > TRUSTED_POINTS;
    return known.added > 0 || known.deleted || performance.now() - known.at > ASK_AGAIN_MS;
  }
}
