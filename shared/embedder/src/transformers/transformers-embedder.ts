import type { Registry } from 'prom-client';
import { LocalEmbedder } from '../local/local-embedder.js';
import type { Embedder } from '../port.js';
import { settingsOf, type TransformersEmbedderConfig } from './config.js';

export interface TransformersEmbedderDeps {
  registry?: Registry | undefined;
  /** The compiled transformers-thread. Default: the one beside this file. */
  program?: URL;
}

/**
 * A sentence-transformers model in ONNX, run by @huggingface/transformers in a thread of this process. The model
 * comes from a folder, or once from the Hugging Face hub; with the folder or a filled cache it needs no network.
 */
export function createTransformersEmbedder(
  config: TransformersEmbedderConfig = {},
  { registry, program }: TransformersEmbedderDeps = {},
): Embedder {
  const { model, dimension, thread } = settingsOf(config);
  return new LocalEmbedder({
    model,
    dimension,
    meaning: 'sentences',
    thread: {
      program: program ?? new URL('./transformers-thread.js', import.meta.url),
      config: thread,
      // The first load may fetch a hundred megabytes.
      timeoutMs: { load: 600_000, batch: 60_000 },
    },
    // A query waits for the batch under way: this many characters are about 100 ms of MiniLM.
    batch: { texts: 32, characters: 8_000 },
    // Well beyond the tokens that any model of sentences takes.
    maxCharacters: 16_384,
    registry,
  });
}
