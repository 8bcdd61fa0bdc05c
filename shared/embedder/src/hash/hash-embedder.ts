import { setImmediate } from 'node:timers/promises';
import { SomaError } from '@soma/memory';
import { gaveUp } from '../gave-up.js';
import type { Embedder, Embedding } from '../port.js';
import { toUnitLength } from '../unit-vector.js';
import { features } from './features.js';

export interface HashEmbedderConfig {
  /** Default 256. */
  dimension?: number;
}

/** Milliseconds of work after which others get their turn. */
const TURN_MS = 4;
/** Features between two looks at the clock. */
const FEATURES_PER_LOOK = 512;

/**
 * Feature hashing (Weinberger et al., 2009): every word and every trigram of its characters adds to one component,
 * with a sign, both chosen by a hash. Texts that share words or parts of words come near each other; meaning
 * beyond that is not seen. Needs no model and gives the same vectors everywhere.
 */
export function createHashEmbedder(config: HashEmbedderConfig = {}): Embedder {
  const dimension = config.dimension ?? 256;
  if (!Number.isSafeInteger(dimension) || dimension < 1 || dimension > 65_536) {
    throw new SomaError(
      'invalid_configuration',
      'the dimension of the hash embedder must be from 1 to 65536',
    );
  }
  return {
    model: `hash-${dimension}`,
    dimension,
    meaning: 'nothing',
    embed: async (texts, { signal }) => {
      const turn = newTurn(signal);
      const embeddings: Embedding[] = [];
      for (const text of texts) embeddings.push({ vector: await embedText(text, dimension, turn) });
      return embeddings;
    },
    start: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

type Turn = () => Promise<void> | undefined;

/** To be called now and then; gives a promise when it is time to let others run. */
function newTurn(signal: AbortSignal | undefined): Turn {
  let began = performance.now();
  return () => {
    if (performance.now() - began < TURN_MS) return undefined;
    return setImmediate().then(() => {
      if (signal?.aborted === true) throw gaveUp(signal);
      began = performance.now();
    });
  };
}

async function embedText(text: string, dimension: number, turn: Turn): Promise<Float32Array> {
  const vector = new Float32Array(dimension);
  let count = 0;
  for (const { hash, weight } of features(text)) {
    const component = (hash >>> 1) % dimension;
    vector[component] = (vector[component] ?? 0) + ((hash & 1) === 0 ? weight : -weight);
    count += 1;
    if (count % FEATURES_PER_LOOK === 0) await turn();
  }
  await turn();
  return toUnitLength(vector) ?? firstAxis(dimension);
}

/** For a text without words, or whose features cancel out. */
function firstAxis(dimension: number): Float32Array {
  const vector = new Float32Array(dimension);
  vector[0] = 1;
  return vector;
}
