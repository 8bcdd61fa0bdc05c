/**
 * The Retry-After header (RFC 9110, section 10.2.3), seconds or a date, as milliseconds from `now`.
 * @returns undefined when it is absent or neither
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^[0-9]{1,9}$/.test(header.trim())) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
