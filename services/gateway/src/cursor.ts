import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Installation } from '@soma/ledger';
import type { KnownInstallation } from './installation.js';
import { RequestRefused } from './refusal.js';

/** What a cursor is bound to: it leads on in this query and means nothing anywhere else. */
export interface CursorBinding {
  installation: Installation;
  /** Null: the query reaches over all. */
  namespace: string | null;
  /** operationId of the route. */
  operation: string;
  /** What was asked, without limit and cursor. */
  query: object;
}

/** Of a request, by its route. */
export function bindingOf(
  { namespace }: { namespace: string },
  operation: string,
  query: object,
  { installation }: { installation: KnownInstallation },
): CursorBinding {
  return { installation: installation.current(), namespace, operation, query };
}

const SIGNATURE_BYTES = 16;

/** Where the next page begins, as callers hold it: base64url of signature and JSON. */
export function cursorTo(position: unknown, binding: CursorBinding): string {
  const body = Buffer.from(JSON.stringify(position));
  return Buffer.concat([sign(body, binding), body]).toString('base64url');
}

/** What `cursorTo` was given for the same query, so of that form; null without a cursor. @throws RequestRefused invalid_cursor */
export function positionIn(cursor: string | undefined, binding: CursorBinding): unknown {
  if (cursor === undefined) return null;
  const bytes = Buffer.from(cursor, 'base64url');
  const body = bytes.subarray(SIGNATURE_BYTES);
  // Node skips what is no base64url; a cursor has one spelling.
  const isWhole = bytes.length > SIGNATURE_BYTES && bytes.toString('base64url') === cursor;
  if (!isWhole || !timingSafeEqual(sign(body, binding), bytes.subarray(0, SIGNATURE_BYTES))) {
    throw new RequestRefused(
      'invalid_cursor',
      'the cursor is damaged, of another query or namespace, or from before the log was accepted anew',
    );
  }
  return JSON.parse(body.toString());
}

/** The 1 is the form of positions: raise it when a position changes its meaning. */
function sign(body: Buffer, { installation, namespace, operation, query }: CursorBinding): Buffer {
  const { id, secret, generation } = installation;
  return createHmac('sha256', secret)
    .update(JSON.stringify(['cursor', 1, id, generation, namespace, operation, query]))
    .update('\n')
    .update(body)
    .digest()
    .subarray(0, SIGNATURE_BYTES);
}
