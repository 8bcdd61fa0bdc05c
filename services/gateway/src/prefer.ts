import { invalidHeader } from './refusal.js';

/** What the Prefer header (RFC 7240) asks for. Preferences this API does not know are ignored, as the RFC says. */
export interface Preferences {
  /** How long to wait, milliseconds; null: not asked for. */
  wait_ms: number | null;
  /** What was honoured, for Preference-Applied; null: nothing. */
  applied: string | null;
}

/** @param longest seconds; a longer wait is cut to it, and Preference-Applied says so. */
export function parsePrefer(header: string | undefined, longest: number): Preferences {
  for (const preference of (header ?? '').split(',')) {
    const [token = ''] = preference.split(';');
    const [name = '', value] = token.split('=').map((part) => part.trim());
    if (name.toLowerCase() === 'respond-async') return { wait_ms: 0, applied: 'respond-async' };
    if (name.toLowerCase() !== 'wait') continue;
    if (value === undefined || !/^"?\d{1,6}"?$/.test(value)) {
      throw invalidHeader('Prefer', 'wait takes a whole number of seconds');
    }
    const seconds = Math.min(Number(value.replaceAll('"', '')), longest);
    return { wait_ms: seconds * 1000, applied: `wait=${seconds}` };
  }
  return { wait_ms: null, applied: null };
}
