const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A UUID of any version as RFC 9562 section 4 spells it; upper case is read, lower case is written. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
