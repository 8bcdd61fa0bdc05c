import { foldDiacritics, isAscii, normalize } from './fold.js';
import { DEFAULT_LANGUAGE, LANGUAGE_RULES, type Language, type LanguageRules } from './language.js';
import { tokenize } from './tokenize.js';

export interface AnalyzeOptions {
  /** Whose stemmer and stop words; the same for indexing and querying. Default: English. */
  language?: Language;
}

/**
 * The terms of a text in their order, repeats included. The one analyzer for indexing and querying: NFKC, lower
 * case, no diacritics, Snowball stems, no stop words; numbers, codes and identifiers whole (and in their parts);
 * emoji; characters and pairs of characters where a script has no spaces.
 */
export function analyze(text: string, options: AnalyzeOptions = {}): string[] {
  const language = options.language ?? DEFAULT_LANGUAGE;
  const rules = LANGUAGE_RULES[language];
  const normalized = normalize(text);
  const terms: string[] = [];
  for (const token of tokenize(rules.foldBeforeStemming ? foldDiacritics(normalized) : normalized)) {
    const term = token.kind === 'exact' ? folded(token.text, rules) : wordTerm(token.text, language, rules);
    if (term !== '') terms.push(term);
  }
  return terms;
}

/** Longer runs of letters are no words of a language. */
const LONGEST_STEMMED = 64;
const MEMO_SIZE = 20_000;
/** Term per word, '' for a stop word: texts repeat their words, and stemming one costs a microsecond. */
const memos = new Map<Language, Map<string, string>>();

function wordTerm(word: string, language: Language, rules: LanguageRules): string {
  if (word.length > LONGEST_STEMMED) return folded(word, rules);
  let memo = memos.get(language);
  if (memo === undefined || memo.size >= MEMO_SIZE) {
    memo = new Map();
    memos.set(language, memo);
  }
  let term = memo.get(word);
  if (term === undefined) {
    term = rules.stopWords.has(word) ? '' : folded(rules.stem(word), rules);
    memo.set(word, term);
  }
  return term;
}

function folded(text: string, rules: LanguageRules): string {
  return rules.foldBeforeStemming || isAscii(text) ? text : foldDiacritics(text);
}
