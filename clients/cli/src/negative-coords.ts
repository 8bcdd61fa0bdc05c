/**
 * `-1,2` is a coord, not an option; no option of soma begins with a digit. Commander knows only plain negative numbers,
 * so they travel through it behind a mark that no argument can hold.
 */
const MARK = '\u0000';

export function markCoords(line: readonly string[]): string[] {
  return line.map((word) => (/^-\d/.test(word) ? MARK + word : word));
}

/** The word as it was typed. */
export function unmarked(word: string): string {
  return word.startsWith(MARK) ? word.slice(MARK.length) : word;
}

/** The same for a word that may be given several times. */
export function unmarkedList(word: string, before: string[] | undefined): string[] {
  return [...(before ?? []), unmarked(word)];
}
