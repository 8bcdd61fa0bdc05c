import { setMaxListeners } from 'node:events';
import { SomaError } from '@soma/memory';
import type { Embedder, Embedding } from '../port.js';
import { toUnitLength } from '../unit-vector.js';
import { askEndpoint } from './ask-endpoint.js';
import { batchesOf } from './batches.js';
import { settingsOf, type OpenAiEmbedderConfig, type Settings } from './config.js';
import { Slots } from './slots.js';

/** A text that every model takes. */
const PROBE = 'memory';

/** The embedder over any endpoint that speaks OpenAI's `POST /v1/embeddings`: OpenAI, Ollama, TEI, vLLM, llama.cpp. */
export function createOpenAiEmbedder(config: OpenAiEmbedderConfig): Embedder {
  return new OpenAiEmbedder(settingsOf(config));
}

class OpenAiEmbedder implements Embedder {
  readonly meaning = 'sentences';
  readonly model: string;
  readonly #settings: Settings;
  readonly #slots: Slots;
  readonly #closing = new AbortController();
  #dimension: number | undefined;

  constructor(settings: Settings) {
    this.model = settings.model;
    this.#settings = settings;
    this.#slots = new Slots(settings.maxConcurrent);
    this.#dimension = settings.dimension;
    // One listener per call under way; their number is the callers' affair.
    setMaxListeners(0, this.#closing.signal);
  }

  get dimension(): number {
    if (this.#dimension === undefined) {
      throw new SomaError('embedder_unavailable', 'the dimension of the model is known only after start');
    }
    return this.#dimension;
  }

  async start(): Promise<void> {
    const answer = await askEndpoint(
      this.#settings,
      this.#slots,
      [PROBE],
      this.#dimension,
      this.#closing.signal,
    );
    if (answer.kind === 'refused') throw refusesEverything(answer.status);
    const [vector] = answer.vectors;
    this.#dimension ??= vector?.length;
    this.#checkDimension(answer.vectors);
  }

  /** A blank text is refused here: endpoints answer it with anything from a 400 to a vector of nothing. */
  async embed(texts: string[], options: { signal?: AbortSignal }): Promise<Embedding[]> {
    const asked = texts.filter((text) => !isBlank(text));
    const { batchSize: count, batchCharacters: characters } = this.#settings;
    const call = new Call(options.signal, this.#closing.signal);
    try {
      const batches = batchesOf(asked, { count, characters });
      const answers = await Promise.all(batches.map((batch) => this.#embedBatch(batch, call)));
      const embeddings = answers.flat().values();
      return texts.map((text) =>
        isBlank(text) ? { refused: 'the text is blank' } : (embeddings.next().value ?? lost()),
      );
    } finally {
      call.end();
    }
  }

  close(): Promise<void> {
    this.#closing.abort(new Error('the embedder is closed'));
    return Promise.resolve();
  }

  async #embedBatch(texts: string[], call: Call): Promise<Embedding[]> {
    const answer = await askEndpoint(this.#settings, this.#slots, texts, this.#dimension, call.signal);
    if (answer.kind === 'vectors') {
      this.#checkDimension(answer.vectors);
      return answer.vectors.map(toEmbedding);
    }
    if (texts.length === 1) {
      await (call.confirmation ??= this.#confirmRefusal(call));
      return [{ refused: `the embedding endpoint answers this text with ${answer.status}` }];
    }
    const middle = Math.ceil(texts.length / 2);
    const first = await this.#embedBatch(texts.slice(0, middle), call);
    return [...first, ...(await this.#embedBatch(texts.slice(middle), call))];
  }

  /**
   * A refusal is for good, so it is believed only of an endpoint that takes a plain text at the same time: a wrong
   * setting or a broken deployment answers 400 to everything, and that passes.
   */
  async #confirmRefusal(call: Call): Promise<void> {
    const answer = await askEndpoint(this.#settings, this.#slots, [PROBE], this.#dimension, call.signal);
    if (answer.kind === 'refused') throw refusesEverything(answer.status);
  }

  #checkDimension(vectors: Float32Array[]): void {
    const wrong = vectors.find((vector) => vector.length !== this.dimension);
    if (wrong === undefined) return;
    throw new SomaError(
      'embedder_unavailable',
      `the embedding endpoint gives ${wrong.length} dimensions where ${this.dimension} are expected`,
    );
  }
}

/** One call of `embed`: its requests end together, when the caller gives up, one of them fails, or on close. */
class Call {
  readonly #controller = new AbortController();
  readonly #sources: AbortSignal[];
  readonly #abort = (event: Event) => {
    this.#controller.abort((event.target as AbortSignal).reason);
  };
  confirmation: Promise<void> | undefined;

  constructor(...sources: (AbortSignal | undefined)[]) {
    this.#sources = sources.filter((source) => source !== undefined);
    // One listener per batch.
    setMaxListeners(0, this.#controller.signal);
    for (const source of this.#sources) {
      if (source.aborted) this.#controller.abort(source.reason);
      else source.addEventListener('abort', this.#abort, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    for (const source of this.#sources) source.removeEventListener('abort', this.#abort);
    this.#controller.abort(new Error('another request of the same call failed'));
  }
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

/** A vector of zeros has no direction, and would have none the next time. */
function toEmbedding(vector: Float32Array): Embedding {
  const unit = toUnitLength(vector);
  return unit === undefined ? { refused: 'the model gives this text a vector of zeros' } : { vector: unit };
}

function refusesEverything(status: number): SomaError {
  return new SomaError(
    'embedder_unavailable',
    `the embedding endpoint answers even a plain text with ${status}`,
  );
}

function lost(): never {
  throw new SomaError('internal', 'a text lost its embedding');
}
