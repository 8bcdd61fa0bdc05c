import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import * as common from './common-settings.js';
import { embedderSettings } from './embedder-settings.js';
import { qdrantSettings } from './index-settings.js';
import { flag, integer, list, text } from './setting-types.js';
import { describeSettings, setting, settingNames } from './setting.js';

const schema = z.object({
  SOMA_A: setting(integer({ min: 1, max: 9 }).default(3), { doc: 'A number.', example: '4' }),
  SOMA_B: setting(text(), { doc: 'A secret.', example: '<b>', secret: true }),
  SOMA_C: setting(list().default(['x', 'y']), { doc: 'A list.', example: 'x' }),
  SOMA_D: setting(flag().optional(), { doc: 'A flag.', example: '1' }),
});

test('a schema describes itself, in order, with defaults as one would write them', () => {
  expect(describeSettings(schema)).toEqual([
    { name: 'SOMA_A', default: '3', required: false, secret: false, doc: 'A number.', example: '4' },
    { name: 'SOMA_B', default: null, required: true, secret: true, doc: 'A secret.', example: '<b>' },
    { name: 'SOMA_C', default: 'x,y', required: false, secret: false, doc: 'A list.', example: 'x' },
    { name: 'SOMA_D', default: null, required: false, secret: false, doc: 'A flag.', example: '1' },
  ]);
});

test('a secret is known by its file too', () => {
  expect(settingNames(schema)).toEqual(['SOMA_A', 'SOMA_B', 'SOMA_B_FILE', 'SOMA_C', 'SOMA_D']);
});

test('two settings of one type keep their own words', () => {
  const shared = text();
  const two = z.object({
    SOMA_A: setting(shared, { doc: 'first', example: 'a' }),
    SOMA_B: setting(shared, { doc: 'second', example: 'b' }),
  });
  expect(describeSettings(two).map((row) => row.doc)).toEqual(['first', 'second']);
});

test('a key that is no setting is a mistake of the program', () => {
  expect(() => describeSettings(z.object({ SOMA_A: z.string() }))).toThrow(
    'SOMA_A is not declared by setting()',
  );
});

describe('the common settings', () => {
  const everything = z.object({
    ...common.processSettings('writer'),
    ...common.postgresSettings,
    ...common.kafkaSettings,
    ...common.schemaRegistrySettings,
    ...common.redisSettings,
    ...qdrantSettings,
    ...common.internalTokenSettings,
    ...embedderSettings,
  });

  test.each(describeSettings(everything))('$name: its example is one that it takes', ({ name, example }) => {
    expect(everything.shape[name as keyof typeof everything.shape].safeParse(example)).toMatchObject({
      success: true,
    });
  });

  test.each(describeSettings(everything))('$name: has a doc that ends as a sentence', ({ doc }) => {
    expect(doc).toMatch(/\.$/);
  });
});
