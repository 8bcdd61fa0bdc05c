import { expect, test } from '@jest/globals';
import { describeSchemaIds } from '../contract/index.js';
import { readPublishedSchemas } from '../published-schemas.js';
import { createCommittedIds } from './index.js';

describeSchemaIds('committed', createCommittedIds);

test('a schema that is not committed has no id', async () => {
  const [published] = readPublishedSchemas();
  if (published === undefined) throw new Error('nothing is published');
  const changed = { ...published.schema, fields: published.schema.fields.slice(1) };
  await expect(createCommittedIds().idOf(published.subject, changed)).rejects.toMatchObject({
    code: 'unknown_schema',
  });
});
