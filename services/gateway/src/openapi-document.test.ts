import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { format, resolveConfig } from 'prettier';
import { startGateway } from './test/running-gateway.js';

const FILE = new URL('../../../docs/openapi.json', import.meta.url);

test('docs/openapi.json is what a gateway answers; npm run openapi writes it', async () => {
  const running = await startGateway();
  const { text } = await running.call('GET', '/openapi.json', { anonymous: true });
  await running.stop();
  const page = await format(text, { ...(await resolveConfig(FILE)), parser: 'json' });
  if (process.env['SOMA_WRITE_DOCS'] === '1') await writeFile(FILE, page);
  expect(await readFile(FILE, 'utf8')).toBe(page);
});

test('the document breaks none of the recommended rules of OpenAPI', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintFromString({ source: await readFile(FILE, 'utf8'), config });
  expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
});
