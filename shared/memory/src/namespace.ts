const NAMESPACE = /^[a-z0-9][a-z0-9_.-]{0,62}$/;

/** An isolated set of memories; nothing of one namespace is ever seen from another. */
export function isNamespace(value: string): boolean {
  return NAMESPACE.test(value);
}
