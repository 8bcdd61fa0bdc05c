import { MONTHS } from './month-names.js';

/** A month that a query names, and the year when it names one beside it. */
export interface NamedMonth {
  /** 0–11. */
  month: number;
  year: number | null;
}

const NAME = String.raw`(?<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`;
const DAY = String.raw`\d{1,2}(?:st|nd|rd|th)?`;
const YEAR = String.raw`(?<year>(?:19|20)\d\d)`;
const NAMED = new RegExp(
  String.raw`(?<before>\b${DAY}(?: of)? )?\b${NAME}\b\.?(?<after> ${DAY}\b)?(?:,? (?:of )?${YEAR}\b)?`,
  'gi',
);
const NUMBERED = /\b(?<year>(?:19|20)\d\d)-(?<month>0[1-9]|1[0-2])(?:-\d\d)?\b/;

/** The first month that a query names; null when it names none. English names, or as in 2023-05. */
export function monthNamed(text: string): NamedMonth | null {
  const { year, month } = NUMBERED.exec(text)?.groups ?? {};
  if (year !== undefined && month !== undefined) return { year: Number(year), month: Number(month) - 1 };
  for (const { groups = {} } of text.matchAll(NAMED)) {
    const { name = '', before, after, year: named } = groups;
    // "May" and "March" are words as well: alone, they count with a capital letter, the abbreviations never.
    const stands = before !== undefined || after !== undefined || named !== undefined;
    if (!stands && (!MONTHS.some((full) => full === name.toLowerCase()) || !/^[A-Z]/.test(name))) continue;
    const short = name.slice(0, 3).toLowerCase();
    return {
      month: MONTHS.findIndex((full) => full.startsWith(short)),
      year: named === undefined ? null : Number(named),
    };
  }
  return null;
}

export function isIn(time: number, { month, year }: NamedMonth): boolean {
  const date = new Date(time);
  return date.getUTCMonth() === month && (year === null || date.getUTCFullYear() === year);
}
