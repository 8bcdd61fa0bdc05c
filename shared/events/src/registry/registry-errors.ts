import { isSomaError, SomaError } from '@soma/memory';

/** Incompatible with what is registered (409), or not taken as a schema (422). */
const REFUSED: ReadonlySet<unknown> = new Set([409, 422]);

/** Did the lookup of a schema under a subject say that it is not there? The client throws another class then. */
export function isNotRegistered(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConfluentSchemaRegistryError';
}

/**
 * Did a registry say that it has no such id? A 404 without a registry's own message comes from something else at that
 * address (a proxy, a wrong path), and nothing must be given up for it.
 */
export function isUnknownId(error: unknown): boolean {
  return error instanceof Error && statusOf(error) === 404 && !error.message.includes('Error, status 404');
}

/** Whatever is not clearly about the schema is an outage: a missing right or a wrong address can be mended, then goes on. */
export function asSomaError(error: unknown): SomaError {
  if (isSomaError(error)) return error;
  if (REFUSED.has(statusOf(error))) {
    return new SomaError('schema_mismatch', 'the schema registry refuses the schema', { cause: error });
  }
  if (error instanceof Error && error.name === 'ConfluentSchemaRegistryCompatibilityError') {
    return new SomaError('invalid_configuration', 'a subject in the schema registry is not FULL_TRANSITIVE', {
      cause: error,
    });
  }
  return new SomaError('schema_registry_unavailable', 'the schema registry does not answer', {
    cause: error,
  });
}

function statusOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
}
