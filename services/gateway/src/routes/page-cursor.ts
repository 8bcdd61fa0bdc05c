import { createHash } from 'node:crypto';
import { RequestRefused } from '../refusal.js';

/** Of rows that a namespace identifies. */
export const NAMESPACE_FORM = /^[a-z0-9][a-z0-9_.-]{0,62}$/;

/** What a query asks for beside its page; null where it does not say. In one order always. */
export type Asked = readonly (string | number | boolean | null | undefined)[];

/** Where the next page of a query begins: after the row of this id. Bound to what is asked, not to the limit. */
export function cursorAfter(id: string | number, asked: Asked): string {
  return Buffer.from(`${id}.${digestOf(asked)}`).toString('base64url');
}

/** The number that a cursor of this query names; null without one. @throws RequestRefused invalid_cursor */
export function numberOfCursor(cursor: string | undefined, asked: Asked): number | null {
  const id = idOfCursor(cursor, asked, /^\d{1,15}$/);
  return id === null ? null : Number(id);
}

/** As `numberOfCursor`, of an id of another form. */
export function idOfCursor(cursor: string | undefined, asked: Asked, form: RegExp): string | null {
  if (cursor === undefined) return null;
  const [, id = '', digest] = /^(.+)\.(.+)$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (!form.test(id) || digest !== digestOf(asked)) {
    throw new RequestRefused('invalid_cursor', 'the cursor is damaged, or of a query with other filters');
  }
  return id;
}

function digestOf(asked: Asked): string {
  const text = JSON.stringify(asked.map((value) => value ?? null));
  return createHash('sha256').update(text).digest('base64url').slice(0, 12);
}

/** Of one row more than the page has: the page, and where the next one begins; null when it is the last. */
export function pageOf<Row>(
  found: readonly Row[],
  limit: number,
  cursorOf: (last: Row) => string,
): { page: Row[]; next_cursor: string | null } {
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return { page, next_cursor: last === undefined ? null : cursorOf(last) };
}
