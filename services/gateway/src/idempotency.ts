import { createHash } from 'node:crypto';
import { v5, v7 } from 'uuid';
import { invalidHeader } from './refusal.js';

/** The name space of command ids (RFC 9562 section 5.5); a change would forget every key in use. */
const COMMAND_IDS = '8c0b3f0e-5a0b-4f5e-9d51-5d1d3d8f6f0a';

const BARE = /^[\x21-\x7e]{1,200}$/;
// A string of RFC 8941 section 3.3.3.
const QUOTED = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,400})"$/;

/** The key of an Idempotency-Key header, bare or quoted; both spell the same key. */
export function parseIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  const quoted = QUOTED.exec(header)?.[1]?.replace(/\\(["\\])/g, '$1');
  const key = quoted ?? (header.startsWith('"') ? undefined : BARE.exec(header)?.[0]);
  if (key === undefined || key.length > 200) {
    throw invalidHeader(
      'Idempotency-Key',
      'takes 1 to 200 visible ASCII characters, bare or in double quotes',
    );
  }
  return key;
}

export interface CommandIdentity {
  namespace: string;
  subject: string;
  idempotency_key: string | null;
}

/** The id of the command at `index` of a request: derived with a key, new without. */
export function commandId(identity: CommandIdentity, index: number): string {
  const { namespace, subject, idempotency_key: key } = identity;
  return key === null ? v7() : v5(JSON.stringify([namespace, subject, key, index]), COMMAND_IDS);
}

export interface HashedRequest {
  method: string;
  /** Path and query as sent. */
  target: string;
  if_match: string | undefined;
  if_none_match: string | undefined;
  /** As sent, after inflation. */
  body: Uint8Array;
}

/** SHA-256 hex of what makes two requests under one key the same. */
export function requestHash(request: HashedRequest): string {
  const head = JSON.stringify([
    request.method,
    request.target,
    request.if_match ?? null,
    request.if_none_match ?? null,
  ]);
  return createHash('sha256').update(head).update('\n').update(request.body).digest('hex');
}
