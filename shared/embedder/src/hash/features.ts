export interface Feature {
  /** 32 bits. */
  hash: number;
  weight: number;
}

/** Words of letters, marks and digits; a longer run (a script without spaces, base64) is cut. */
const WORD = /[\p{L}\p{M}\p{N}]{1,64}/gu;
const WORD_WEIGHT = 1;
/** Trigrams bring inflections and misspellings near; a word has several, so each counts less. */
const TRIGRAM_WEIGHT = 0.35;

/** The words of a text, folded by NFKC and lower case, and the character trigrams of each word with its borders. */
export function* features(text: string): Generator<Feature> {
  for (const [word] of text.normalize('NFKC').toLowerCase().matchAll(WORD)) {
    yield { hash: fnv1a(word, 0, word.length, WORD_SEED), weight: WORD_WEIGHT };
    const bordered = `^${word}$`;
    for (let start = 0; start + 3 <= bordered.length; start += 1) {
      yield { hash: fnv1a(bordered, start, start + 3, TRIGRAM_SEED), weight: TRIGRAM_WEIGHT };
    }
  }
}

/** Different seeds, so that the word `^ab` and the trigram `^ab` are two features. */
const WORD_SEED = 0x811c9dc5;
const TRIGRAM_SEED = 0x01234567;
const FNV_PRIME = 0x01000193;
const { imul } = Math;

/** FNV-1a over UTF-16 code units, then murmur3's finalizer, for FNV's low bits alone are uneven. */
function fnv1a(text: string, from: number, to: number, seed: number): number {
  let hash = seed;
  for (let index = from; index < to; index += 1) {
    hash = imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  hash ^= hash >>> 16;
  hash = imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
