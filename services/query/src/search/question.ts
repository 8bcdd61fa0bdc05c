import { analyze, queryVector, type SparseVector } from '@soma/analysis';
import type { RecallMarks } from '@soma/memory-store';
import type { SearchRequest } from '@soma/reads';
import { dateNamed, type NamedDate } from './named-date.js';
import type { Weights } from './weights.js';

/** A query as ranking sees it. */
export interface Question {
  text: string;
  /** What the index is asked for by words. */
  words: SparseVector;
  /** The speakers whose names are in the query, lower case, and what each counts. */
  speakers: ReadonlyMap<string, number>;
  date: NamedDate | null;
  asksWhen: boolean;
  /** What stands between quotation marks, lower case. */
  phrases: string[];
}

const ASKS_WHEN = /\b(?:when|how long|how recently|(?:what|which) (?:date|day|month|year|time))\b/i;
const QUOTED = /["“”„«»]([^"“”„«»]{2,200})["“”„«»]/g;
const MOST_PHRASES = 8;

/**
 * Reads a query whose speakers are known. The name of a speaker says whose memories are wanted, not which words they
 * have, so it is not among the words: others say a name more often than who bears it.
 */
export function readQuestion(text: string, speakers: Question['speakers']): Question {
  const without = queryVector(text, { without: [...speakers.keys()].join(' ') });
  return {
    text,
    words: without.indices.length > 0 ? without : queryVector(text),
    speakers,
    date: dateNamed(text),
    asksWhen: ASKS_WHEN.test(text),
    phrases: phrasesOf(text),
  };
}

/** What the store looks for in the candidates. */
export function marksOf(
  { asksWhen, date, phrases }: Question,
  { recency }: Pick<SearchRequest, 'recency'>,
  weights: Pick<Weights, 'accesses'>,
): RecallMarks {
  return {
    times: date !== null || recency !== null,
    tells_time: asksWhen,
    phrases,
    accesses: weights.accesses !== 0,
  };
}

const MOST_WORDS = 64;
const LONGEST_NAME = 3;
const WORD = /[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}’'.-]*/gu;

/** Every run of up to three words of a query, lower case: what may be a speaker's name. */
export function possibleNames(text: string): string[] {
  const words = [...text.toLowerCase().matchAll(WORD)]
    .slice(0, MOST_WORDS)
    .map(([word]) => word.replace(/[’']s$/, '').replace(/[.’'-]+$/, ''));
  const names = words.flatMap((_, from) =>
    Array.from({ length: LONGEST_NAME }, (__, more) => words.slice(from, from + more + 1).join(' ')),
  );
  return [...new Set(names)].filter((name) => name !== '');
}

/** Who is named first has done or said what is asked about, more often than whom it was done or said to. */
const NAMED_LATER = 0.5;

/** What each speaker counts. @param names the possible names by which they were found */
export function byMention(names: readonly string[], speakers: readonly string[]): Map<string, number> {
  const places = speakers.map((speaker) => names.findIndex((name) => `${speaker} `.startsWith(`${name} `)));
  const first = Math.min(...places);
  return new Map(speakers.map((speaker, at) => [speaker, places[at] === first ? 1 : NAMED_LATER]));
}

function phrasesOf(text: string): string[] {
  const quoted = [...text.matchAll(QUOTED)].map(([, phrase]) => (phrase ?? '').trim().toLowerCase());
  return [...new Set(quoted)].filter((phrase) => analyze(phrase).length > 0).slice(0, MOST_PHRASES);
}
