import { readFileSync } from 'node:fs';
import type { RecordSchema } from './schema-ids.js';

/** src/ and dist/ are equally deep, so one path serves both. */
const FOLDER = new URL('../../../schemas/', import.meta.url);

/** One version of one record's schema, as committed in schemas/. */
export interface PublishedSchema {
  subject: string;
  /** Standalone's id on the wire; a registry gives ids of its own. */
  id: number;
  version: number;
  schema: RecordSchema;
}

type IdList = Record<string, { id: number; version: number; file: string }[]>;

/** Every version ever published, as listed in schemas/ids.json; the versions of a subject in their order. */
export function readPublishedSchemas(): PublishedSchema[] {
  return Object.entries(readJson('ids.json') as IdList).flatMap(([subject, versions]) =>
    versions
      .map(({ id, version, file }) => ({ subject, id, version, schema: readJson(file) as RecordSchema }))
      .sort((left, right) => left.version - right.version),
  );
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as unknown;
}
