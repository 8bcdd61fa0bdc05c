import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import openapiTS, { astToString } from 'openapi-typescript';

const DOCUMENT = new URL('../../../../docs/openapi.json', import.meta.url);
const TYPES = new URL('api.ts', import.meta.url);

type Json = Record<string, unknown>;
interface Operation extends Json {
  operationId: string;
  tags: string[];
  responses: Record<string, Json>;
}
interface Document extends Json {
  paths: Record<string, Record<string, Operation>>;
}

test('the types are those of docs/openapi.json; npm run openapi writes them', async () => {
  const document = JSON.parse(await readFile(DOCUMENT, 'utf8')) as Document;
  const spoken = closed({ ...document, paths: spokenPaths(document) });
  const types = await openapiTS(spoken as never, { defaultNonNullable: false, emptyObjectsUnknown: true });
  const text = `// Written by npm run openapi, from docs/openapi.json.\n${astToString(types)}`;
  if (process.env['SOMA_WRITE_DOCS'] === '1') await writeFile(TYPES, text);
  expect(await readFile(TYPES, 'utf8')).toBe(text);
});

/** What the SDK speaks of: routes for data, and their answers when all is well. */
const TAGS = ['memories', 'search', 'graph', 'operations', 'events'];
const OPERATIONS = ['exportMemories'];

function spokenPaths({ paths }: Document): Document['paths'] {
  const kept: Document['paths'] = {};
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const isSpoken = operation.tags.some((tag) => TAGS.includes(tag));
      if (!isSpoken && !OPERATIONS.includes(operation.operationId)) continue;
      const good = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
      const responses = good.map(([status, response]) => [status, { ...response, headers: {} }]);
      kept[path] = {
        ...kept[path],
        [method]: { ...operation, responses: Object.fromEntries(responses) as never },
      };
    }
  }
  return kept;
}

/** Answers may grow; to types that is no field: a misspelled name of a known one is to be an error. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const { properties = {} } = value as { properties?: object };
  const entries = Object.entries(value).filter(
    ([name, child]) =>
      name !== 'additionalProperties' || child === false || Object.keys(properties).length === 0,
  );
  return Object.fromEntries(entries.map(([name, child]) => [name, closed(child)]));
}
