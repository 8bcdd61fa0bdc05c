/** Invisible inside words: soft hyphen, zero-width space and non-joiner, word joiner, BOM, variation selectors, keycap. */
const INVISIBLE = /\u00AD|\u200B|\u200C|\u2060|\uFEFF|[\uFE00-\uFE0F]|\u20E3/g;
/** Diacritics of Latin, Greek and Cyrillic. Marks of other scripts carry vowels and stay. */
const DIACRITICS = /[\u0300-\u036F]/g;
const SKIN_TONES = /[\u{1F3FB}-\u{1F3FF}]/gu;
/** Letters that Unicode does not decompose, as their readers type them without the right keyboard. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['ß', 'ss'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ø', 'o'],
  ['ł', 'l'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['þ', 'th'],
  ['ı', 'i'],
  ['ς', 'σ'],
]);
const UNDECOMPOSED = /[ßæœøłđðþıς]/g;
const NON_ASCII = /[\u0080-\uFFFF]/;

export function isAscii(text: string): boolean {
  return !NON_ASCII.test(text);
}

/** Lower case and one spelling per character (NFKC), diacritics kept. */
export function normalize(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  return text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .replace(SKIN_TONES, '')
    .replaceAll('’', "'");
}

/** A normalized text without diacritics: `café` and `cafe` are one word. */
export function foldDiacritics(text: string): string {
  if (isAscii(text)) return text;
  return text
    .normalize('NFKD')
    .replace(DIACRITICS, '')
    .normalize('NFKC')
    .replace(UNDECOMPOSED, (letter) => LETTERS.get(letter) ?? letter);
}
