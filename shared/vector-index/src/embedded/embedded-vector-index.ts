import { SomaError } from '@soma/memory';
import { timestamp, withStoreErrors } from '@soma/postgres';
import type pg from 'pg';
import { newestOfEach } from '../newest-of-each.js';
import type {
  CollectionSpec,
  IndexCandidates,
  IndexPoint,
  IndexQuery,
  PartitionProgress,
  VectorIndex,
} from '../port.js';
import { CollectionFollower, type LoadProgress } from './collection-follower.js';
import type { Scanner } from './scanner.js';
import { SharedRun } from './shared-run.js';
import * as sql from './statements.js';
import { upsertColumns } from './upsert-columns.js';

export interface EmbeddedLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface EmbeddedIndexDeps {
  pool: pg.Pool;
  startScanner: () => Scanner;
  maxPoints: number;
  logger: EmbeddedLogger | undefined;
  onProgress: (progress: LoadProgress) => void;
}

/** Points per statement. */
const UPSERT_POINTS = 500;
/** The copies follow this often, milliseconds, so that a search after a quiet time finds little to catch up with. */
const FOLLOW_INTERVAL_MS = 1_000;
/** Share of the most points from which on a log line says that the end is near. */
const NEARLY_FULL = 0.9;

interface Followed {
  scanner: Scanner;
  follower: CollectionFollower;
  catchUp: SharedRun;
}

export class EmbeddedVectorIndex implements VectorIndex {
  readonly #deps: EmbeddedIndexDeps;
  readonly #dimensions = new Map<string, number>();
  #scanner: Scanner | undefined;
  #followed = new Map<string, Followed>();
  #timer: NodeJS.Timeout | undefined;
  #following: Promise<unknown> | undefined;
  #isClosed = false;
  #saidNearlyFull = false;

  constructor(deps: EmbeddedIndexDeps) {
    this.#deps = deps;
  }

  async ensureCollection({ name, model, dimension }: CollectionSpec): Promise<void> {
    await this.#query(sql.INSERT_COLLECTION, [name, model, dimension]);
    const [stored] = await this.#query<{ model: string; dimension: number }>(sql.SELECT_COLLECTION, [name]);
    if (stored?.model === model && stored.dimension === dimension) return;
    throw new SomaError('invalid_configuration', `index collection ${name} is of another model or dimension`);
  }

  async upsert(collection: string, points: IndexPoint[]): Promise<void> {
    const newest = newestOfEach(points);
    const dimension = await this.#dimensionOf(collection);
    if (newest.some((point) => !point.deleted && point.dense !== null && point.dense.length !== dimension)) {
      throw new SomaError(
        'invalid_configuration',
        `a vector is not of the ${dimension} dimensions of the index`,
      );
    }
    this.#checkRoom(newest);
    for (let from = 0; from < newest.length; from += UPSERT_POINTS) {
      const chunk = newest.slice(from, from + UPSERT_POINTS);
      const found = await this.#query(sql.UPSERT_POINTS, [collection, chunk.length, ...upsertColumns(chunk)]);
      if (found.length === 0) throw noCollection();
    }
  }

  async search(collection: string, query: IndexQuery): Promise<IndexCandidates> {
    const { scanner, follower } = await this.#caughtUp(collection);
    if (query.dense !== null && query.dense.vector.length !== follower.dimension) {
      throw new SomaError(
        'invalid_configuration',
        `a query is not of the ${follower.dimension} dimensions of the index`,
      );
    }
    const { candidates } = await scanner.run({ type: 'search', collection, query });
    if (candidates === null) throw new SomaError('internal', 'a search came back without candidates');
    return candidates;
  }

  async progress(collection: string, partitions: number[]): Promise<Map<number, PartitionProgress>> {
    const progress = new Map(
      partitions.map((partition) => [partition, { generation: 0, command_position: -1 }]),
    );
    const rows = await this.#query<PartitionProgress & { partition: number }>(sql.SELECT_PROGRESS, [
      collection,
      partitions,
    ]);
    for (const { partition, ...stored } of rows) progress.set(partition, stored);
    return progress;
  }

  async setProgress(collection: string, partition: number, progress: PartitionProgress): Promise<void> {
    const { generation, command_position } = progress;
    const found = await this.#query(sql.UPSERT_PROGRESS, [
      collection,
      partition,
      generation,
      command_position,
    ]);
    if (found.length === 0) throw noCollection();
  }

  async prune(collection: string, before: number): Promise<number> {
    const [row] = await this.#query<{ pruned: number }>(sql.PRUNE_DELETIONS, [collection, timestamp(before)]);
    return row?.pruned ?? 0;
  }

  async count(collection: string): Promise<number> {
    const { follower } = await this.#caughtUp(collection);
    return follower.live;
  }

  async start(): Promise<void> {
    const began = performance.now();
    await this.#followAll();
    const seconds = (performance.now() - began) / 1000;
    this.#deps.logger?.info({ points: this.#livePoints(), seconds }, 'embedded vector index loaded');
    this.#timer = setInterval(() => this.#followInBackground(), FOLLOW_INTERVAL_MS);
    this.#timer.unref();
  }

  async ping(): Promise<void> {
    await this.#query('select 1', []);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#following;
    await this.#scanner?.close();
  }

  async #followAll(): Promise<void> {
    const collections = await this.#query<{ name: string }>(sql.SELECT_COLLECTION_NAMES, []);
    for (const { name } of collections) await this.#caughtUp(name);
  }

  /** A failure here is no news: the next search meets it and reports it. */
  #followInBackground(): void {
    this.#following ??= this.#followAll()
      .catch(() => undefined)
      .finally(() => {
        this.#following = undefined;
      });
  }

  async #caughtUp(collection: string): Promise<Followed> {
    const scanner = this.#liveScanner();
    let followed = this.#followed.get(collection);
    if (followed === undefined) {
      const follower = new CollectionFollower(this.#deps.pool, scanner, collection);
      followed = { scanner, follower, catchUp: new SharedRun(() => follower.catchUp(this.#deps.onProgress)) };
      this.#followed.set(collection, followed);
    }
    const { catchUp } = followed;
    await indexErrors(() => catchUp.run());
    this.#warnWhenNearlyFull();
    return followed;
  }

  /** The scanner; a new one with empty copies when the last one broke. */
  #liveScanner(): Scanner {
    if (this.#isClosed) throw new SomaError('shutting_down', 'the vector index is closed');
    if (this.#scanner === undefined || this.#scanner.isBroken()) {
      if (this.#scanner !== undefined) this.#deps.logger?.warn({}, 'embedded vector index starts again');
      this.#scanner = this.#deps.startScanner();
      this.#followed = new Map();
    }
    return this.#scanner;
  }

  async #dimensionOf(collection: string): Promise<number> {
    const known = this.#dimensions.get(collection);
    if (known !== undefined) return known;
    const [stored] = await this.#query<{ dimension: number }>(sql.SELECT_COLLECTION, [collection]);
    if (stored === undefined) throw noCollection();
    this.#dimensions.set(collection, stored.dimension);
    return stored.dimension;
  }

  #livePoints(): number {
    return [...this.#followed.values()].reduce((sum, { follower }) => sum + follower.live, 0);
  }

  /** Deletions always find room. A replaced point counts as a new one here: the last few places stay free. */
  #checkRoom(points: IndexPoint[]): void {
    const { maxPoints } = this.#deps;
    const added = points.filter((point) => !point.deleted).length;
    if (added === 0 || this.#livePoints() + added <= maxPoints) return;
    throw new SomaError(
      'invalid_configuration',
      `the embedded vector index is full at ${maxPoints} points; use Qdrant, or raise its most points if memory allows`,
    );
  }

  #warnWhenNearlyFull(): void {
    const { maxPoints, logger } = this.#deps;
    const points = this.#livePoints();
    const isNearlyFull = points > maxPoints * NEARLY_FULL;
    if (isNearlyFull && !this.#saidNearlyFull) {
      logger?.warn(
        { points, max_points: maxPoints },
        'the embedded vector index is nearly full: plan for Qdrant',
      );
    }
    this.#saidNearlyFull = isNearlyFull;
  }

  #query<R extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<R[]> {
    return indexErrors(async () => (await this.#deps.pool.query<R>(text, values)).rows);
  }
}

function noCollection(): SomaError {
  return new SomaError('index_unavailable', 'the index has no such collection');
}

/** To its callers the store of this index is the index. */
async function indexErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await withStoreErrors(work);
  } catch (error) {
    if (!(error instanceof SomaError) || error.code !== 'store_unavailable') throw error;
    throw new SomaError('index_unavailable', 'the store of the embedded vector index does not answer', {
      cause: error,
    });
  }
}
