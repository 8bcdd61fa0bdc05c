import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DEFAULT_WEIGHTS, weightsFor, weightsFrom } from './weights.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soma-weights-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(text: string): Promise<string> {
  const file = join(folder, 'weights.json');
  await writeFile(file, text);
  return file;
}

test('what a file names counts as it is, the rest as is usual', async () => {
  const file = await fileOf('{"version": 1, "weights": {"thread": 0.75}, "figures": {}}');
  expect(weightsFrom(file)).toEqual({ thread: 0.75 });
  expect(weightsFrom(undefined)).toEqual({});
  expect(weightsFor({ thread: 0.75, dense: 0.8 }, 'words')).toEqual({
    ...DEFAULT_WEIGHTS,
    thread: 0.75,
    dense: 0.8,
  });
});

test.each([
  ['a comma too many', '{\n  "version": 1,\n  "weights": {"thread": 1,}\n}', /line 3/],
  ['an end too early', '{\n  "version": 1,', /line 2/],
  ['an unknown feature', '{"version": 1, "weights": {"luck": 1}}', /weights.*luck/],
  ['a weight beyond all reason', '{"version": 1, "weights": {"thread": 1e9}}', /weights\.thread/],
  ['another version', '{"version": 2, "weights": {}}', /version/],
])('%s is refused, saying where', async (_, text, where) => {
  const file = await fileOf(text);
  expect(() => weightsFrom(file)).toThrow(where);
  expect(() => weightsFrom(file)).toThrow(expect.objectContaining({ code: 'invalid_configuration' }));
});

test('a file that is not there is refused by name', () => {
  expect(() => weightsFrom(join(folder, 'none.json'))).toThrow(/none\.json, cannot be read/);
});

test('the cosine counts by what the vectors mean', () => {
  expect(weightsFor({}, 'sentences')).toEqual(DEFAULT_WEIGHTS);
  expect(weightsFor({}, 'words')).toEqual({ ...DEFAULT_WEIGHTS, dense: 0.5 });
  expect(weightsFor({}, 'nothing')).toEqual({ ...DEFAULT_WEIGHTS, dense: 0 });
});
