import type { Embedder } from '@soma/embedder';
import { isSomaError, SomaError } from '@soma/memory';
import type { Logger } from '@soma/service';
import type { Collections, EmbedderSpec, IndexGeneration } from '@soma/vector-index';
import { collectionOf } from './collection-of.js';
import { isSame, refusal, warning, type ConfiguredEmbedder } from './configured-embedder.js';
import { createStartingEmbedder } from './starting-embedder.js';

export interface IndexGenerationsDeps {
  collections: Collections;
  /** What the settings name. */
  configured: EmbedderSpec;
  /** The embedder of a spec; nothing starts before it is used. @throws SomaError for a spec that opens none */
  open: (spec: EmbedderSpec) => Embedder;
  logger: Logger;
}

/** A collection, and what embeds the queries that go there. */
export interface SearchedGeneration {
  collection: string;
  embedder: Embedder;
}

/** As it is written: also what its vectors are of, known before the embedder has started. */
export interface OpenGeneration extends SearchedGeneration {
  model: string;
  dimension: number;
}

/** Where a batch goes. */
export interface WrittenGenerations {
  /** Gets all of it: the active one first, then those that are joined to it. */
  whole: [OpenGeneration, ...OpenGeneration[]];
  /**
   * Get the deletions, which need no embedder: what was erased is nowhere, whatever holds up the rest, which comes from
   * Postgres.
   */
  deletionsOnly: string[];
}

/** How long a search may go on with a generation that was active, milliseconds. */
const KEPT_MS = 1_000;

/**
 * The generations of the index with their embedders, each opened once in a process. An embedder is there as soon as its
 * generation is built, so that it is warm when searches change over, and is closed when its generation is gone.
 */
export class IndexGenerations {
  readonly #deps: IndexGenerationsDeps;
  readonly #configured: ConfiguredEmbedder & { embedder: Embedder };
  readonly #embedders = new Map<string, Embedder>();
  /** Of which there was a generation at the last look. */
  #used = new Set<string>();
  #hasWarned = false;
  #known: { generation: SearchedGeneration; until: number } | undefined;
  #asking: Promise<SearchedGeneration> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: IndexGenerationsDeps) {
    this.#deps = deps;
    this.#configured = { spec: deps.configured, embedder: this.#opened(deps.configured) };
  }

  /**
   * Refuses settings that name another embedder than the index is of; does nothing where there is no index yet.
   * @throws SomaError invalid_configuration
   */
  async check(): Promise<void> {
    await this.#agrees();
  }

  /** As `check`; and where there is no index yet, the one of the configured embedder is recorded. */
  async begin(): Promise<void> {
    if (await this.#agrees()) return;
    const { spec, embedder } = this.#configured;
    await embedder.start();
    const { model, dimension } = embedder;
    await this.#deps.collections.found({ collection: collectionOf(embedder), spec, model, dimension });
    // Another process may have been first, with other settings.
    if (!(await this.#agrees())) await this.begin();
  }

  /** The generation that a search uses from its beginning to its end. */
  async active(): Promise<SearchedGeneration> {
    if (this.#known !== undefined && performance.now() < this.#known.until) return this.#known.generation;
    return (this.#asking ??= this.#ask());
  }

  /** Keeps what `active` gives, and the embedders, up to date between searches. */
  start(): void {
    this.#timer = setInterval(() => void this.active().catch(() => undefined), KEPT_MS);
    this.#timer.unref();
  }

  /** All of them as they are now. */
  async read(): Promise<IndexGeneration[]> {
    const generations = await this.#deps.collections.read();
    await this.#closeUnused(generations);
    return generations;
  }

  /** As they are now. */
  async written(): Promise<WrittenGenerations> {
    const generations = (await this.read()).filter(({ state }) => state !== 'gone');
    const active = generations.find(({ state }) => state === 'active');
    if (active === undefined)
      throw new SomaError('index_unavailable', 'no generation of the index is recorded yet');
    const others = generations.filter((one) => one !== active);
    const joined = others.filter((one) => one.joined);
    return {
      whole: [this.open(active), ...joined.map((one) => this.open(one))],
      deletionsOnly: others.filter((one) => !one.joined).map(({ collection }) => collection),
    };
  }

  /** Where the settings name the same embedder, the endpoint is where they say. */
  open(generation: Pick<IndexGeneration, 'collection' | 'spec' | 'model' | 'dimension'>): OpenGeneration {
    const spec = isSame(this.#configured, generation) ? this.#configured.spec : generation.spec;
    const { collection, model, dimension } = generation;
    return { collection, embedder: this.#opened(spec), model, dimension };
  }

  /**
   * Tries an embedder of which there is no generation yet.
   * @throws SomaError when the spec opens none, or it does not work
   */
  async prove(spec: EmbedderSpec): Promise<Embedder> {
    const embedder = this.#opened(spec);
    try {
      await embedder.start();
      return embedder;
    } catch (error) {
      const key = keyOf(spec);
      if (!this.#used.has(key) && embedder !== this.#configured.embedder) {
        this.#embedders.delete(key);
        await embedder.close();
      }
      throw error;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#embedders.values()].map((embedder) => embedder.close()));
    this.#embedders.clear();
  }

  #opened(spec: EmbedderSpec): Embedder {
    const key = keyOf(spec);
    let embedder = this.#embedders.get(key);
    if (embedder === undefined) {
      embedder = createStartingEmbedder(this.#deps.open(spec));
      this.#embedders.set(key, embedder);
    }
    return embedder;
  }

  async #closeUnused(generations: readonly IndexGeneration[]): Promise<void> {
    const used = new Set(
      generations.filter(({ state }) => state !== 'gone').map((generation) => keyOf(generation.spec)),
    );
    const over = [...this.#used].filter((key) => !used.has(key));
    this.#used = used;
    for (const key of over) {
      const embedder = this.#embedders.get(key);
      if (embedder === undefined || embedder === this.#configured.embedder) continue;
      this.#embedders.delete(key);
      await embedder.close();
    }
  }

  async #ask(): Promise<SearchedGeneration> {
    try {
      const generations = await this.read();
      const active = generations.find(({ state }) => state === 'active');
      if (active === undefined) return this.#unrecorded();
      const generation = this.open(active);
      this.#known = { generation, until: performance.now() + KEPT_MS };
      void this.#warm(generations);
      return generation;
    } catch (error) {
      if (isSomaError(error) && !error.retryable)
        this.#deps.logger.warn(
          { err: error },
          'this process cannot open the generation that searches use now',
        );
      // What it was is likelier than that it changed while the store is out.
      if (this.#known === undefined) throw error;
      return this.#known.generation;
    } finally {
      this.#asking = undefined;
    }
  }

  /** Of no collection that there is: the index says so to whoever searches it. */
  #unrecorded(): SearchedGeneration {
    return { collection: 'memories', embedder: this.#configured.embedder };
  }

  /** A failure is met again, and told, by whoever embeds, or opens the generation when it is the active one. */
  async #warm(generations: readonly IndexGeneration[]): Promise<void> {
    const warming = generations
      .filter(({ state }) => state !== 'gone')
      .map(async (generation) => this.open(generation).embedder.start());
    await Promise.allSettled(warming);
  }

  /** Is there an index that these settings may use? */
  async #agrees(): Promise<boolean> {
    const { collections, logger } = this.#deps;
    const generations = await this.read();
    const active = generations.find(({ state }) => state === 'active');
    if (active === undefined) return false;
    const { spec } = this.#configured;
    if (isSame(this.#configured, active)) {
      if (spec.url !== null && spec.url !== active.spec.url)
        await collections.locate(active.collection, spec.url);
      return true;
    }
    const named = generations.find(
      (one) => (one.state === 'kept' || one.state === 'building') && isSame(this.#configured, one),
    );
    if (named === undefined) {
      if (await collections.isPristine()) return false;
      throw refusal(spec, active);
    }
    if (!this.#hasWarned) logger.warn(warning(named, active));
    this.#hasWarned = true;
    return true;
  }
}

function keyOf({ kind, model, url, dimension }: EmbedderSpec): string {
  return JSON.stringify([kind, model, url, dimension]);
}
