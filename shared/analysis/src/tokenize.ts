import { isAscii } from './fold.js';

/**
 * A piece of a normalized text.
 * - `word`: letters only; the one kind that is stemmed, and dropped when it is a stop word.
 * - `exact`: numbers, codes, identifiers, emoji, and pairs of characters of scripts written without spaces.
 */
export interface Token {
  kind: 'word' | 'exact';
  text: string;
}

// 1,000 and 1,000.50 are one number; other runs of letters and digits hang together by one sign between them
// (snake_case, ERR-1234, 3.14, a@b.org, it's), and may end in the signs of c++ and c#.
const ASCII_TOKEN =
  /\d{1,3}(?:,\d{3}){1,6}(?:\.\d+)?(?![\w,])|[a-z0-9]+(?:(?:[-.:@/']|_+)[a-z0-9]+)*(?:\+\+|#)?/g;
const TOKEN =
  /\d{1,3}(?:,\d{3}){1,6}(?:\.\d+)?(?![\p{L}\p{M}\p{N}_,])|[\p{L}\p{M}\p{N}]+(?:(?:[-.:@/']|_+)[\p{L}\p{M}\p{N}]+)*(?:\+\+|#)?|\p{RI}\p{RI}|\p{Extended_Pictographic}(?:\u200D\p{Extended_Pictographic})*/gu;

/** Scripts written without spaces between words, and Hangul, whose words carry their particles. */
const UNSPACED =
  /([\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー々]+)/u;
const PICTOGRAPH = /^\p{Extended_Pictographic}|^\p{RI}/u;
/** Where a compound comes apart: at every sign but a point between digits, which belongs to the number. */
const JOINTS = /[-:@/_']+|(?<!\d)\.|\.(?!\d)/;
const DIGIT = /\p{N}/u;

/** Tokens of a text that `normalize` made; a compound comes whole and in its parts. */
export function* tokenize(text: string): Generator<Token> {
  const ascii = isAscii(text);
  for (const [match] of text.matchAll(ascii ? ASCII_TOKEN : TOKEN)) {
    if (ascii || isAscii(match)) yield* compound(match);
    else if (PICTOGRAPH.test(match)) yield* emoji(match);
    else yield* mixed(match);
  }
}

/** A run that may change between scripts: `iphone手机`. */
function* mixed(run: string): Generator<Token> {
  // split with a capture puts the unspaced pieces at the odd places.
  for (const [place, piece] of run.split(UNSPACED).entries()) {
    if (piece === '') continue;
    if (place % 2 === 1) yield* characters(piece);
    else yield* compound(piece);
  }
}

/** Each character, and each pair of neighbours: what finds words where nothing separates them. */
function* characters(run: string): Generator<Token> {
  let previous = '';
  for (const character of run) {
    yield { kind: 'exact', text: character };
    if (previous !== '') yield { kind: 'exact', text: previous + character };
    previous = character;
  }
}

function* emoji(sequence: string): Generator<Token> {
  yield { kind: 'exact', text: sequence };
  if (sequence.includes('\u200D')) {
    for (const part of sequence.split('\u200D')) yield { kind: 'exact', text: part };
  }
}

function* compound(run: string): Generator<Token> {
  const text = run.replaceAll(',', '');
  const parts = text
    .replace(/[+#]+$/, '')
    .split(JOINTS)
    .filter((part) => part !== '');
  const [only] = parts;
  if (parts.length === 1 && only === text) {
    yield { kind: DIGIT.test(text) ? 'exact' : 'word', text };
    return;
  }
  yield whole(text);
  for (const part of parts) yield { kind: DIGIT.test(part) ? 'exact' : 'word', text: part };
}

/** `e-mails` is also `emails`, and `o'brien` `obrien`; every other compound is an identifier and stays as it is. */
function whole(text: string): Token {
  if (/^[\p{L}\p{M}]+(?:[-'][\p{L}\p{M}]+)+$/u.test(text))
    return { kind: 'word', text: text.replaceAll(/[-']/g, '') };
  return { kind: 'exact', text };
}
