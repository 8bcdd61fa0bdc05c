import { ROLES, type Role } from '@soma/access';
import { isNamespace, isStorableText } from '@soma/memory';
import { invalidToken } from './authenticate.js';
import { callerOf, type Caller } from './caller.js';
import type { AccessSettings } from './settings.js';

export type ClaimSettings = Pick<
  AccessSettings,
  'SOMA_JWT_ROLE_CLAIM' | 'SOMA_JWT_NAMESPACES_CLAIM' | 'SOMA_JWT_USER_CLAIM'
>;

const LONGEST_SUBJECT = 255;
const LONGEST_USER = 128;
const MOST_NAMESPACES = 1_000;

/** Who the claims of a verified JWT say it is. @throws RequestRefused invalid_token */
export function callerOfClaims(claims: Readonly<Record<string, unknown>>, settings: ClaimSettings): Caller {
  const { sub } = claims;
  if (!isName(sub, LONGEST_SUBJECT)) throw invalidToken('the token has no sub, or a too long one');
  const user_id = userOf(claims, settings.SOMA_JWT_USER_CLAIM);
  const namespaces = namespacesOf(claimAt(claims, settings.SOMA_JWT_NAMESPACES_CLAIM));
  const role = roleOf(claimAt(claims, settings.SOMA_JWT_ROLE_CLAIM));
  // One subject may act for many users; to rates, idempotency keys and operations each of them is somebody else.
  const parts = user_id === null ? [sub] : [sub, user_id];
  const subject = `jwt:${parts.map(encodeURIComponent).join('/')}`;
  return callerOf(subject, { role, namespaces, user_id, rates: {} });
}

/** Null: the token says that it is not bound. One that says nothing is refused: it may have been forgotten. */
function userOf(claims: Readonly<Record<string, unknown>>, path: string | undefined): string | null {
  if (path === undefined) return null;
  const claim = claimAt(claims, path);
  if (claim === null) return null;
  if (!isName(claim, LONGEST_USER)) throw invalidToken('the token does not say for which user it is');
  return claim;
}

/** Names that are none are left out: nobody can enter them. */
function namespacesOf(claim: unknown): string[] | null {
  if (claim === undefined || claim === null) return [];
  const names: unknown[] = Array.isArray(claim) ? claim : [claim];
  if (names.length > MOST_NAMESPACES)
    throw invalidToken(`the token names more than ${MOST_NAMESPACES} namespaces`);
  if (names.length === 1 && names[0] === '*') return null;
  return names.filter((name): name is string => typeof name === 'string' && isNamespace(name));
}

/** The highest of the roles that are named; lists may have others, which mean nothing here. */
function roleOf(claim: unknown): Role {
  const names: unknown[] = Array.isArray(claim) ? claim : [claim];
  const role = ROLES.findLast((known) => names.includes(known));
  if (typeof claim === 'string' && role === undefined)
    throw invalidToken('the token names a role that there is not');
  return role ?? 'reader';
}

/** A claim of that very name, or what dots descend to. */
function claimAt(claims: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  let value: unknown = claims;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

function isName(claim: unknown, length: number): claim is string {
  return typeof claim === 'string' && claim !== '' && claim.length <= length && isStorableText(claim);
}
