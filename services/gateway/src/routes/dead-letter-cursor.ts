import { createHash } from 'node:crypto';
import { RequestRefused } from '../refusal.js';
import type { DeadLettersQuery } from '../schemas/dead-letters.js';

type Filters = Omit<DeadLettersQuery, 'limit' | 'cursor'>;

/** Where the next page of this query begins: after the letter of this id. Bound to its filters, not to its limit. */
export function cursorAfter(id: number, filters: Filters): string {
  return Buffer.from(`${id}.${digestOf(filters)}`).toString('base64url');
}

/** The id that a cursor of this query names; null without one. @throws RequestRefused invalid_cursor */
export function idOfCursor(cursor: string | undefined, filters: Filters): number | null {
  if (cursor === undefined) return null;
  const [, id, digest] = /^(\d{1,15})\.(.+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (id === undefined || digest !== digestOf(filters)) {
    throw new RequestRefused('invalid_cursor', 'the cursor is damaged, or of a query with other filters');
  }
  return Number(id);
}

function digestOf({ status, group, code, topic, namespace }: Filters): string {
  const asked = JSON.stringify([status, group, code, topic, namespace].map((value) => value ?? null));
  return createHash('sha256').update(asked).digest('base64url').slice(0, 12);
}
