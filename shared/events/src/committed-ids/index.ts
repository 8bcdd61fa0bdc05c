import { isDeepStrictEqual } from 'node:util';
import { SomaError } from '@soma/memory';
import { readPublishedSchemas } from '../published-schemas.js';
import type { SchemaIds } from '../schema-ids.js';

/** Ids as committed in schemas/ids.json: what is used without a schema registry. */
export function createCommittedIds(): SchemaIds {
  const published = readPublishedSchemas();
  const byId = new Map(published.map((entry) => [entry.id, entry.schema]));
  return {
    idOf: (subject, schema) => {
      const found = published.find(
        (entry) => entry.subject === subject && isDeepStrictEqual(entry.schema, schema),
      );
      if (found !== undefined) return Promise.resolve(found.id);
      return Promise.reject(
        new SomaError('unknown_schema', `this schema is not among those committed for ${subject}`),
      );
    },
    schemaOf: (id) => {
      const schema = byId.get(id);
      if (schema !== undefined) return Promise.resolve(schema);
      return Promise.reject(new SomaError('unknown_schema', `no committed schema has the id ${id}`));
    },
  };
}
