import { MONTHS } from '@soma/memory';

/** As LoCoMo writes when a session took place: `1:56 pm on 8 May, 2023`. */
const SESSION_DATE = /^(\d{1,2}):(\d\d) (am|pm) on (\d{1,2}) ([a-z]+), (\d{4})$/i;

/** RFC 3339, taken as UTC; undefined for another form. */
export function parseSessionDate(text: string): string | undefined {
  const match = SESSION_DATE.exec(text.trim());
  if (match === null) return undefined;
  const [, hour = '', minute = '', half = '', day = '', monthName = '', year = ''] = match;
  const month = MONTHS.findIndex((name) => name === monthName.toLowerCase());
  if (month === -1) return undefined;
  const hours = (Number(hour) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  return new Date(Date.UTC(Number(year), month, Number(day), hours, Number(minute))).toISOString();
}
