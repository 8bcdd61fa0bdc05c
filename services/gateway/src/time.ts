/** RFC 3339 in UTC of epoch milliseconds. */
export function formatTime(time: number): string {
  return new Date(time).toISOString();
}

export function formatOptionalTime(time: number | null): string | null {
  return time === null ? null : formatTime(time);
}
