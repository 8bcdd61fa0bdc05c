/** What a number, a brace or a quoted key may take. */
const SMALL = 8;

/** About what a value takes as JSON: exact enough to bound memory, without writing it out. */
export function answerBytes(value: unknown): number {
  if (typeof value === 'string') return value.length + SMALL;
  if (typeof value !== 'object' || value === null) return SMALL;
  let bytes = SMALL;
  for (const [key, inner] of Object.entries(value)) bytes += key.length + answerBytes(inner);
  return bytes;
}
