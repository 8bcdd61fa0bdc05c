import { MONTHS } from '@soma/memory';

/** A month that a query names, and the year and the day when it names them beside it. */
export interface NamedDate {
  year: number | null;
  /** 0–11. */
  month: number;
  /** 1–31. */
  day: number | null;
}

const NAME = String.raw`(?<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`;
const DAY = String.raw`(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?`;
const YEAR = String.raw`(?<year>(?:19|20)\d\d)`;
const NAMED = new RegExp(
  String.raw`(?<before>\b${DAY}(?: of)? )?\b${NAME}\b\.?(?<after> ${DAY}\b)?(?:,? (?:of )?${YEAR}\b)?`,
  'gi',
);
const NUMBERED = /\b(?<year>(?:19|20)\d\d)-(?<month>0[1-9]|1[0-2])(?:-(?<day>0[1-9]|[12]\d|3[01]))?\b/;

/** The first month that a query names; null when it names none. English names, or as in 2023-05 and 2023-05-08. */
export function dateNamed(text: string): NamedDate | null {
  const { year, month, day } = NUMBERED.exec(text)?.groups ?? {};
  if (year !== undefined && month !== undefined) {
    return { year: Number(year), month: Number(month) - 1, day: day === undefined ? null : Number(day) };
  }
  for (const { groups = {} } of text.matchAll(NAMED)) {
    const { name = '', before, after, year: named } = groups;
    // "May" and "March" are words as well: alone, they count with a capital letter, the abbreviations never.
    const stands = before !== undefined || after !== undefined || named !== undefined;
    if (!stands && (!MONTHS.some((full) => full === name.toLowerCase()) || !/^[A-Z]/.test(name))) continue;
    const short = name.slice(0, 3).toLowerCase();
    const [dayNamed] = /\d+/.exec(before ?? after ?? '') ?? [];
    return {
      month: MONTHS.findIndex((full) => full.startsWith(short)),
      year: named === undefined ? null : Number(named),
      day: dayNamed === undefined ? null : Number(dayNamed),
    };
  }
  return null;
}

export function isInMonth(time: number, { month, year }: NamedDate): boolean {
  const date = new Date(time);
  return date.getUTCMonth() === month && (year === null || date.getUTCFullYear() === year);
}

const DAY_MS = 86_400_000;

/** On the day named, or one before or after it: whoever tells of a day often does so on the next. */
export function isAboutDay(time: number, { year, month, day }: NamedDate): boolean {
  if (day === null) return false;
  const date = new Date(time);
  const named = Date.UTC(year ?? date.getUTCFullYear(), month, day);
  return Math.abs(date.setUTCHours(0, 0, 0, 0) - named) <= DAY_MS;
}
