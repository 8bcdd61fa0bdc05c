import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseJudgedLines } from './judged-lines.js';
import { limitQuestions, mergeSets } from './judged-set.js';

const MEMORY = '{"memory": {"coord": "a", "text": "An apple", "thread_id": "t"}}';
const QUESTION = '{"question": {"query": "Fruit?", "category": "plain", "relevant": ["a", "a"]}}';

test('memories and questions, empty lines between them', () => {
  expect(parseJudgedLines('fruit', `${MEMORY}\n\n${QUESTION}\n`)).toEqual({
    name: 'fruit',
    memories: [{ coord: 'a', text: 'An apple', thread_id: 't' }],
    questions: [{ query: 'Fruit?', category: 'plain', relevant: ['a'] }],
  });
});

test.each([
  ['not JSON', `${MEMORY}\n{`, 'fruit, line 2: not JSON'],
  ['a misspelled field', '{"memory": {"coord": "a", "text": "x", "thread": "t"}}', 'fruit, line 1'],
  [
    'a coord that cannot be told apart in a merged set',
    '{"memory": {"coord": "1,2", "text": "x"}}',
    'line 1',
  ],
  ['a question without an answer', QUESTION.replace('"a", "a"', ''), 'line 1'],
  ['a coord that is there twice', `${MEMORY}\n${MEMORY}`, 'line 2: a is there twice'],
  ['an answer that is not there', QUESTION, 'line 1: there is no memory a'],
])('%s is told with its line', (_, text, message) => {
  expect(() => parseJudgedLines('fruit', text)).toThrow(message);
});

test('merged sets keep their coords and threads apart', () => {
  const set = parseJudgedLines('fruit', `${MEMORY}\n${QUESTION}`);
  expect(mergeSets([set, { ...set, name: 'other' }])).toMatchObject({
    memories: [
      { coord: 'fruit:a', thread_id: 'fruit:t' },
      { coord: 'other:a', thread_id: 'other:t' },
    ],
    questions: [{ relevant: ['fruit:a'] }, { relevant: ['other:a'] }],
  });
});

test.each([
  [1, ['0']],
  [3, ['0', '4', '7']],
  [10, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']],
  [99, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']],
])('%d of ten questions, evenly', (count, expected) => {
  const questions = Array.from({ length: 10 }, (_, index) => ({
    query: String(index),
    category: 'plain',
    relevant: ['a'],
  }));
  const limited = limitQuestions({ name: 'ten', memories: [], questions }, count);
  expect(limited.questions.map(({ query }) => query)).toEqual(expected);
});

test('the sets that come with the project can be read', async () => {
  const folder = join(import.meta.dirname, '../../../data/judged');
  const files = await readdir(folder);
  const sets = await Promise.all(
    files.map(async (file) => parseJudgedLines(file, await readFile(join(folder, file), 'utf8'))),
  );
  const { memories, questions } = mergeSets(sets);
  expect(memories.length).toBeGreaterThanOrEqual(120);
  expect(questions.length).toBeGreaterThanOrEqual(60);
});
