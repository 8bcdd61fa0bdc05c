/** date-time of RFC 3339 section 5.6. */
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/**
 * Epoch milliseconds of an RFC 3339 time; digits below a millisecond are dropped. Undefined for anything else,
 * also for days and hours that do not exist, and for leap seconds, which epoch milliseconds cannot say.
 */
export function parseTime(text: string): number | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, Number((match[7] ?? '').padEnd(3, '0').slice(0, 3)));
  const same =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    minute < 60 &&
    second < 60;
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (!same || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const offset = (offsetHours * 60 + offsetMinutes) * 60_000;
  return date.getTime() - (match[8] === '-' ? -offset : offset);
}

/** What both Postgres's timestamptz and RFC 3339 can say: years 1 to 9999. */
const MIN_TIME = Date.parse('0001-01-01T00:00:00Z');
const MAX_TIME = Date.parse('9999-12-31T23:59:59.999Z');

/** Can these epoch milliseconds be kept, and asked for? */
export function isTime(value: number): boolean {
  return Number.isSafeInteger(value) && value >= MIN_TIME && value <= MAX_TIME;
}

/** RFC 3339 in UTC of epoch milliseconds. */
export function formatTime(time: number): string {
  return new Date(time).toISOString();
}

export function formatOptionalTime(time: number | null): string | null {
  return time === null ? null : formatTime(time);
}
