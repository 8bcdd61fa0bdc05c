import { ROLES, type Grant, type Role } from '@soma/access';
import { RequestRefused } from '../refusal.js';

/** Whose token it was, and what it opens. */
export interface Caller extends Grant {
  /** Written down as issuer; makes idempotency keys and rates its own. */
  subject: string;
  /** The namespace meant when a request names none; null: it has to name one. */
  default_namespace: string | null;
}

/** Who has one namespace need not name it. */
export function callerOf(subject: string, { role, namespaces, user_id, rates }: Grant): Caller {
  const [only, ...others] = namespaces ?? [];
  const default_namespace = only !== undefined && others.length === 0 ? only : null;
  return { subject, role, namespaces, user_id, rates, default_namespace };
}

/** @throws RequestRefused forbidden */
export function requireRole({ role }: Caller, needed: Role): void {
  if (ROLES.indexOf(role) >= ROLES.indexOf(needed)) return;
  throw forbidden(`this needs a token with the role ${needed}`);
}

/** Who is kept to some namespaces or to one user may do nothing that goes beyond. @throws RequestRefused forbidden */
export function requireWholeInstallation({ namespaces, user_id }: Caller): void {
  if (namespaces === null && user_id === null) return;
  throw forbidden('this is for tokens that enter every namespace and are not bound to a user');
}

/** What is erased is the whole history of a coord, which may have been another user's before. @throws RequestRefused */
export function requireErasing(caller: Caller): void {
  requireRole(caller, 'admin');
  if (caller.user_id !== null) throw forbidden('a token that is bound to a user may delete and not erase');
}

export function entersNamespace({ namespaces }: Caller, namespace: string): boolean {
  return namespaces === null || namespaces.includes(namespace);
}

export function forbidden(detail: string): RequestRefused {
  return new RequestRefused('forbidden', detail);
}
