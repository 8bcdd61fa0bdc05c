import avsc, { type Schema, type Type } from 'avsc';
import { readPublishedSchemas } from './published-schemas.js';
import { RECORD_NAMES, subjectOf, type RecordName } from './record-names.js';
import type { RecordSchema } from './schema-ids.js';

/** The newest published schema of a record, compiled: what we write, and what every writer's bytes are read as. */
export interface ReaderSchema {
  name: RecordName;
  schema: RecordSchema;
  type: Type;
}

export type ReaderSchemas = Record<RecordName, ReaderSchema>;

export function compileReaderSchemas(): ReaderSchemas {
  const published = readPublishedSchemas();
  const entries = RECORD_NAMES.map((name) => {
    const newest = published.findLast(({ subject }) => subject === subjectOf(name));
    if (newest === undefined) throw new Error(`schemas/ids.json has no ${subjectOf(name)}`);
    return [name, { name, schema: newest.schema, type: compileSchema(newest.schema) }] as const;
  });
  return Object.fromEntries(entries) as ReaderSchemas;
}

/** Logical types stay plain: times are numbers of milliseconds, UUIDs are strings. */
export function compileSchema(schema: RecordSchema): Type {
  return avsc.Type.forSchema(schema as Schema, { wrapUnions: 'never', omitRecordMethods: true });
}
