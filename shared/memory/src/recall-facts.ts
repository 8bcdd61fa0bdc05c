import type { Memory } from './memory.js';
import { MONTHS } from './month-names.js';
import { speakerOf } from './speaker.js';

/** What ranking looks at in a memory, beside how well it matches. Times are epoch milliseconds. */
export interface RecallFacts {
  thread_id: string | null;
  /** Lower case. */
  speaker: string | null;
  occurred_at: number | null;
  updated_at: number | null;
  importance: number;
  /** The text ends in a question mark. */
  asks: boolean;
  /** The text says some time. */
  tells_time: boolean;
}

type Told = Pick<
  Memory,
  'thread_id' | 'actor' | 'payload' | 'occurred_at' | 'updated_at' | 'importance' | 'text'
>;

export function recallFacts(memory: Told): RecallFacts {
  const { thread_id, occurred_at, updated_at, importance, text } = memory;
  return {
    thread_id,
    speaker: speakerOf(memory),
    occurred_at,
    updated_at,
    importance,
    asks: asks(text),
    tells_time: tellsTime(text),
  };
}

/** So much of the end of a text, and of its beginning, is all that the next two look at. */
export const ENDING = 16;
export const BEGINNING = 4_000;

const QUESTION_MARK = /[?？؟]["')\]\s]*$/;

export function asks(text: string): boolean {
  return QUESTION_MARK.test(text.slice(-ENDING));
}

const TIMES = [
  'yesterday',
  'today',
  'tonight',
  'tomorrow',
  'ago',
  'since',
  'last',
  'next',
  'days?',
  'weeks?',
  'weekends?',
  'months?',
  'years?',
  'morning',
  'afternoon',
  'evening',
  'night',
  '(?:mon|tues|wednes|thurs|fri|satur|sun)day',
  ...MONTHS,
  String.raw`(?:19|20)\d\d`,
  String.raw`\d{1,2}:\d\d`,
];
const TIME_EXPRESSION = new RegExp(
  String.raw`(?<![\p{L}\p{N}_])(?:${TIMES.join('|')})(?![\p{L}\p{N}_])`,
  'iu',
);

/** In English. */
export function tellsTime(text: string): boolean {
  return TIME_EXPRESSION.test(text.slice(0, BEGINNING));
}
