import type { Queryable } from '@soma/postgres';
import type { IndexError } from '../port.js';

/** A revision names its operation through the history, which has every version with the id that made it. */
export async function noteIndexErrors(connection: Queryable, errors: readonly IndexError[]): Promise<void> {
  if (errors.length === 0) return;
  await connection.query(NOTE_INDEX_ERRORS, [
    errors.map((error) => error.namespace),
    errors.map((error) => error.key),
    errors.map((error) => error.revision),
    errors.map((error) => error.reason.replaceAll('\0', '\ufffd')),
  ]);
}

const NOTE_INDEX_ERRORS = `
  update operations as operation set index_error = noted.reason
  from unnest($1::text[], $2::text[], $3::bigint[], $4::text[]) as noted (namespace, key, revision, reason)
  join history on (history.namespace, history.key, history.revision) = (noted.namespace, noted.key, noted.revision)
  where operation.command_id = history.operation_id and operation.revision = noted.revision`;
