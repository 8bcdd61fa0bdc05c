import { describe, expect, test } from '@jest/globals';
import { readPublishedSchemas } from '../published-schemas.js';
import type { RecordSchema, SchemaIds } from '../schema-ids.js';

/** What every SchemaIds promises. `create` gives one that serves the published schemas. */
export function describeSchemaIds(name: string, create: () => SchemaIds | Promise<SchemaIds>): void {
  describe(`SchemaIds: ${name}`, () => {
    test('gives an id for every published schema, the same at every question', async () => {
      const ids = await create();
      for (const { subject, schema } of readPublishedSchemas()) {
        expect(await ids.idOf(subject, JSON.parse(JSON.stringify(schema)) as RecordSchema)).toBe(
          await ids.idOf(subject, schema),
        );
      }
    });

    test('gives the schema back for its id', async () => {
      const ids = await create();
      for (const { subject, schema } of readPublishedSchemas()) {
        const found = await ids.schemaOf(await ids.idOf(subject, schema));
        expect(found.fields.map((field) => field.name)).toEqual(schema.fields.map((field) => field.name));
        expect(JSON.stringify(found)).toContain(schema.name);
      }
    });

    test('has different ids for different schemas', async () => {
      const ids = await create();
      const published = readPublishedSchemas();
      const given = await Promise.all(published.map(({ subject, schema }) => ids.idOf(subject, schema)));
      expect(new Set(given).size).toBe(published.length);
    });

    test('says unknown_schema for an id that nobody gave', async () => {
      const ids = await create();
      await expect(ids.schemaOf(4_000_000)).rejects.toMatchObject({
        code: 'unknown_schema',
        retryable: false,
      });
    });
  });
}
