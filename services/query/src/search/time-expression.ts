import { MONTHS } from './month-names.js';

const WORDS = [
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

/** What tells in a text when something was, as a POSIX regular expression for Postgres (\m and \M are word borders). */
export const TIME_EXPRESSION = String.raw`\m(?:${WORDS.join('|')})\M`;
