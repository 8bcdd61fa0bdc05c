import type { LocalModel } from '../local/protocol.js';
import { DIMENSION, type WordVectors } from './read-vectors.js';

/** Words of letters, marks and digits; a longer run is cut. */
const WORD = /[\p{L}\p{M}\p{N}]{1,64}/gu;

/**
 * A word counts SMOOTHING / (SMOOTHING + its share of all words): function words hardly, rare ones fully
 * (Arora, Liang and Ma, A simple but tough-to-beat baseline for sentence embeddings, 2017).
 */
const SMOOTHING = 3e-4;
/** Of the 400,000 words that GloVe counted: by Zipf's law the word of rank r has a share of 1 / (r · ln 400,000). */
const LOG_WORDS = Math.log(400_000);
/** Length of the vector of a word that is not in the list: about that of rare words in it. */
const UNKNOWN_LENGTH = 3;

/** Texts as weighted means of the vectors of their words. */
export function sentenceVectors({ rows, values }: WordVectors): LocalModel {
  const add = (word: string, sum: Float32Array): void => {
    const row = rows.get(word);
    if (row === undefined) {
      // The list has no single letters: I, a, and what an apostrophe leaves over (s, t, m).
      if (word.length > 1) addUnknown(word, sum);
      return;
    }
    const weight = SMOOTHING / (SMOOTHING + 1 / ((row + 2) * LOG_WORDS));
    const from = row * DIMENSION;
    for (let index = 0; index < DIMENSION; index += 1)
      sum[index] = (sum[index] ?? 0) + weight * (values[from + index] ?? 0);
  };
  return {
    dimension: DIMENSION,
    embed: (texts) => {
      const vectors = new Float32Array(texts.length * DIMENSION);
      for (const [index, text] of texts.entries()) {
        const sum = vectors.subarray(index * DIMENSION, (index + 1) * DIMENSION);
        for (const [word] of text.normalize('NFKC').toLowerCase().matchAll(WORD)) add(word, sum);
        // A text without words gets one fixed direction.
        if (sum.every((component) => component === 0)) sum[0] = 1;
      }
      return Promise.resolve(vectors);
    },
    close: () => Promise.resolve(),
  };
}

/** A name, code or foreign word: a direction of its own, so that texts that share it come near each other. */
function addUnknown(word: string, sum: Float32Array): void {
  let state = 0x811c9dc5;
  for (let index = 0; index < word.length; index += 1) {
    state = Math.imul(state ^ word.charCodeAt(index), 0x01000193);
  }
  const step = UNKNOWN_LENGTH / Math.sqrt(DIMENSION);
  for (let index = 0; index < DIMENSION; index += 1) {
    // xorshift32 (Marsaglia, 2003); 0 would stay 0.
    state = state === 0 ? 1 : state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const sign = (state & 0x10000) === 0 ? 1 : -1;
    sum[index] = (sum[index] ?? 0) + sign * step;
  }
}
