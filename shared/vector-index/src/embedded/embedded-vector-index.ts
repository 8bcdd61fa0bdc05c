import { SomaError } from '@soma/memory';
import { timestamp } from '@soma/postgres';
import type pg from 'pg';
import { newestOfEach } from '../newest-of-each.js';
import type {
  CollectionSpec,
  HeldPage,
  HeldRevision,
  IndexCandidates,
  IndexPoint,
  IndexQuery,
  PartitionProgress,
  PointRevision,
  ProgressStep,
  ScanPage,
  VectorIndex,
} from '../port.js';
import { CollectionFollower, type LoadProgress } from './collection-follower.js';
import type { EmbeddedLogger } from './embedded-logger.js';
import { HeldPoints } from './held-points.js';
import { indexErrors, noCollection, wrongDimension } from './index-errors.js';
import { Room } from './room.js';
import type { Scanner } from './scanner.js';
import { SharedRun } from './shared-run.js';
import * as sql from './statements.js';

export interface EmbeddedIndexDeps {
  pool: pg.Pool;
  startScanner: () => Scanner;
  maxPoints: number;
  logger: EmbeddedLogger | undefined;
  onProgress: (progress: LoadProgress) => void;
}

/** The copies follow this often, milliseconds, so that a search after a quiet time finds little to catch up with. */
const FOLLOW_INTERVAL_MS = 1_000;

interface Followed {
  scanner: Scanner;
  follower: CollectionFollower;
  catchUp: SharedRun;
}

export class EmbeddedVectorIndex implements VectorIndex {
  readonly #deps: EmbeddedIndexDeps;
  readonly #held: HeldPoints;
  readonly #room: Room;
  readonly #dimensions = new Map<string, number>();
  #scanner: Scanner | undefined;
  #followed = new Map<string, Followed>();
  #timer: NodeJS.Timeout | undefined;
  #following: Promise<unknown> | undefined;
  #isClosed = false;

  constructor(deps: EmbeddedIndexDeps) {
    this.#deps = deps;
    this.#held = new HeldPoints(deps.pool);
    this.#room = new Room({ ...deps, count: (collection) => this.#held.count(collection) });
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
    if (newest.some((point) => !point.deleted && point.dense !== null && point.dense.length !== dimension))
      throw wrongDimension('a vector', dimension);
    await this.#room.enter(collection, newest, () => this.#held.upsert(collection, newest));
  }

  async search(collection: string, query: IndexQuery, signal?: AbortSignal): Promise<IndexCandidates> {
    const { scanner, follower } = await this.#caughtUp(collection);
    if (query.dense !== null && query.dense.vector.length !== follower.dimension)
      throw wrongDimension('a query', follower.dimension);
    const { candidates } = await scanner.run({ type: 'search', collection, query }, signal);
    if (candidates === null) throw noCollection();
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

  async moveProgress(collection: string, partition: number, { from, to }: ProgressStep): Promise<boolean> {
    const allowed = [...from, to];
    const moved = await this.#query(sql.MOVE_PROGRESS, [
      collection,
      partition,
      to.generation,
      to.command_position,
      allowed.map(({ generation }) => generation),
      allowed.map(({ command_position }) => command_position),
    ]);
    return moved.length > 0;
  }

  async prune(collection: string, before: number): Promise<number> {
    const [row] = await this.#query<{ pruned: number }>(sql.PRUNE_DELETIONS, [collection, timestamp(before)]);
    return row?.pruned ?? 0;
  }

  async count(collection: string): Promise<number> {
    const { follower } = await this.#caughtUp(collection);
    return follower.live;
  }

  revisions(name: string, namespace: string, keys: readonly string[]): Promise<(HeldRevision | undefined)[]> {
    return this.#held.revisions(name, namespace, keys);
  }

  scan(collection: string, page: ScanPage): Promise<HeldPage> {
    return this.#held.scan(collection, page);
  }

  remove(collection: string, points: PointRevision[]): Promise<void> {
    this.#room.forget(collection);
    return this.#held.remove(collection, points);
  }

  async dropCollection(collection: string): Promise<void> {
    this.#dimensions.delete(collection);
    this.#room.forget(collection);
    await this.#held.drop(collection);
  }

  async start(): Promise<void> {
    const began = performance.now();
    await this.#followAll();
    const seconds = (performance.now() - began) / 1000;
    const points = [...this.#followed.values()].reduce((sum, { follower }) => sum + follower.live, 0);
    this.#deps.logger?.info({ points, seconds }, 'embedded vector index loaded');
    this.#timer = setInterval(() => this.#followInBackground(), FOLLOW_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Searches, and pages of points that the copies follow, that wait for the scanner or run there. */
  waiting(): number {
    return this.#scanner?.waiting() ?? 0;
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
    // One that is made while this goes on is not among the names, and yet not dropped.
    const before = [...this.#followed.keys()];
    const collections = await this.#query<{ name: string }>(sql.SELECT_COLLECTION_NAMES, []);
    for (const { name } of collections) await this.#caughtUp(name);
    const names = new Set(collections.map(({ name }) => name));
    for (const name of before) if (!names.has(name)) await this.#forget(name);
  }

  /** Gives back the memory of a copy whose collection was dropped. */
  async #forget(collection: string): Promise<void> {
    const { scanner } = this.#followed.get(collection) ?? {};
    this.#followed.delete(collection);
    this.#dimensions.delete(collection);
    await scanner?.run({ type: 'forget', collection });
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
    this.#room.look(followed.follower.live);
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

  #query<R extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<R[]> {
    return indexErrors(async () => (await this.#deps.pool.query<R>(text, values)).rows);
  }
}
