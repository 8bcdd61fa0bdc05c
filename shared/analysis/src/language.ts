import { stemmer as danish } from '@orama/stemmers/danish';
import { stemmer as dutch } from '@orama/stemmers/dutch';
import { stemmer as english } from '@orama/stemmers/english';
import { stemmer as finnish } from '@orama/stemmers/finnish';
import { stemmer as french } from '@orama/stemmers/french';
import { stemmer as german } from '@orama/stemmers/german';
import { stemmer as hungarian } from '@orama/stemmers/hungarian';
import { stemmer as italian } from '@orama/stemmers/italian';
import { stemmer as norwegian } from '@orama/stemmers/norwegian';
import { stemmer as portuguese } from '@orama/stemmers/portuguese';
import { stemmer as romanian } from '@orama/stemmers/romanian';
import { stemmer as russian } from '@orama/stemmers/russian';
import { stemmer as spanish } from '@orama/stemmers/spanish';
import { stemmer as swedish } from '@orama/stemmers/swedish';
import { stemmer as turkish } from '@orama/stemmers/turkish';
import * as stopWords from 'stopword';

/** The languages whose words can be stemmed; `none` keeps every word as it is and drops none. */
export const LANGUAGES = [
  'none',
  'danish',
  'dutch',
  'english',
  'finnish',
  'french',
  'german',
  'hungarian',
  'italian',
  'norwegian',
  'portuguese',
  'romanian',
  'russian',
  'spanish',
  'swedish',
  'turkish',
] as const;
export type Language = (typeof LANGUAGES)[number];

export const DEFAULT_LANGUAGE: Language = 'english';

export interface LanguageRules {
  stem: (word: string) => string;
  stopWords: ReadonlySet<string>;
  /** Stemmers of languages that write with diacritics need to see them; English is folded before. */
  foldBeforeStemming: boolean;
}

function rules(
  stem: (word: string) => string,
  words: readonly string[],
  foldBeforeStemming = false,
): LanguageRules {
  return { stem, stopWords: new Set(words), foldBeforeStemming };
}

/** Snowball's stemmers (https://snowballstem.org) with the stop words of the `stopword` package. */
export const LANGUAGE_RULES: Readonly<Record<Language, LanguageRules>> = {
  none: rules((word) => word, [], true),
  danish: rules(danish, stopWords.dan),
  dutch: rules(dutch, stopWords.nld),
  english: rules(english, stopWords.eng, true),
  finnish: rules(finnish, stopWords.fin),
  french: rules(french, stopWords.fra),
  german: rules(german, stopWords.deu),
  hungarian: rules(hungarian, stopWords.hun),
  italian: rules(italian, stopWords.ita),
  norwegian: rules(norwegian, stopWords.nob),
  portuguese: rules(portuguese, stopWords.por),
  romanian: rules(romanian, stopWords.ron),
  russian: rules(russian, stopWords.rus),
  spanish: rules(spanish, stopWords.spa),
  swedish: rules(swedish, stopWords.swe),
  turkish: rules(turkish, stopWords.tur),
};
