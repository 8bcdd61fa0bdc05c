import { describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { readPublishedSchemas } from './published-schemas.js';
import { RECORD_NAMES, subjectOf } from './record-names.js';
import { compileSchema } from './reader-schemas.js';
import type { RecordFieldType, RecordSchema } from './schema-ids.js';

const published = readPublishedSchemas();

/** Names the first pair of versions of one subject of which one cannot read the other; undefined: FULL_TRANSITIVE. */
function findBreak(versions: { version: number; schema: RecordSchema }[]): string | undefined {
  for (const reader of versions) {
    for (const writer of versions) {
      try {
        compileSchema(reader.schema).createResolver(compileSchema(writer.schema));
      } catch {
        return `v${reader.version} cannot read v${writer.version}`;
      }
    }
  }
  return undefined;
}

/** Every record schema inside a schema, itself among them. */
function* recordsIn(type: RecordFieldType | RecordSchema): Generator<RecordSchema> {
  if (typeof type === 'string') return;
  if (Array.isArray(type)) {
    for (const branch of type) yield* recordsIn(branch);
  } else if (type.type === 'record') {
    yield type as RecordSchema;
    for (const field of (type as RecordSchema).fields) yield* recordsIn(field.type);
  } else if ('items' in type) {
    yield* recordsIn(type.items as RecordFieldType);
  }
}

describe.each(RECORD_NAMES)('%s', (name) => {
  const versions = published.filter(({ subject }) => subject === subjectOf(name));

  test('is readable across all versions ever published, both ways', () => {
    expect(versions.length).toBeGreaterThan(0);
    expect(findBreak(versions)).toBeUndefined();
  });

  test('counts its versions from 1 and keeps its name', () => {
    expect(versions.map(({ version }) => version)).toEqual(versions.map((_, index) => index + 1));
    expect(new Set(versions.map(({ schema }) => `${schema.namespace ?? ''}.${schema.name}`))).toEqual(
      new Set([`soma.memory.v1.${name}`]),
    );
  });

  test('explains itself and every field, and has no enum', () => {
    for (const { schema } of versions) {
      expect(JSON.stringify(schema)).not.toContain('"enum"');
      for (const record of recordsIn(schema)) {
        expect([record.name, record.doc]).toEqual([record.name, expect.any(String)]);
        for (const field of record.fields)
          expect([field.name, field.doc]).toEqual([field.name, expect.any(String)]);
      }
    }
  });
});

test('ids are given once', () => {
  expect(new Set(published.map(({ id }) => id)).size).toBe(published.length);
});

test('every schema file is published', () => {
  const files = readdirSync(new URL('../../../schemas/', import.meta.url)).filter((file) =>
    file.endsWith('.avsc'),
  );
  const listed = published.map(({ schema, version }) => `${schema.name}.v${version}.avsc`);
  expect(files.sort()).toEqual(listed.sort());
});

describe('the comparison notices', () => {
  const field = { name: 'note', type: 'string' };
  const first = (fields: RecordSchema['fields']) => ({ version: 1, schema: record(fields) });
  const second = (fields: RecordSchema['fields']) => ({ version: 2, schema: record(fields) });
  const record = (fields: RecordSchema['fields']): RecordSchema => ({
    type: 'record',
    name: 'soma.Probe',
    fields,
  });

  test('a field that is added or removed without a default', () => {
    expect(findBreak([first([]), second([field])])).toBe('v2 cannot read v1');
    expect(findBreak([first([field]), second([])])).toBe('v1 cannot read v2');
  });

  test('a field that changes its type', () => {
    expect(findBreak([first([field]), second([{ ...field, type: 'long' }])])).toBe('v1 cannot read v2');
  });

  test('nothing in a field that is added with a default', () => {
    expect(findBreak([first([]), second([{ ...field, default: '' }])])).toBeUndefined();
  });
});
