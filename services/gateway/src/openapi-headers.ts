import type { HonouredHeader } from './route.js';

/** What the OpenAPI document says of the request headers that routes honour. */
export const HEADER_DESCRIPTIONS: Record<HonouredHeader | 'Soma-Namespace', string> = {
  'Soma-Namespace':
    'The namespace meant; absent: the only one that the token enters, default for the token of SOMA_API_TOKEN',
  'Idempotency-Key': 'The same key with the same request gives the first outcome again, for 8 days',
  'If-Match': '"<version>", a whole ETag, *, or a list',
  'If-None-Match': 'On a write *: only when there is none. On a read: the ETag at hand',
  'Last-Event-ID': 'id of the last event seen: what came behind it',
  Prefer: 'wait=N seconds, at most 30; respond-async',
  'Soma-Consistency-Token':
    'The answer is at least as new as these writes; the answer to a write covers both',
};
