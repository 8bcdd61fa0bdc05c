import { expect, test } from '@jest/globals';
import { textOf } from './text-of.js';

const value = {
  title: 'Q4',
  metadata: { author: 'Ada', pages: 7 },
  chapters: [{ content: 'one' }, { content: 'two' }],
  tags: ['red', 'blue'],
};

test.each<[false | string[] | undefined, string]>([
  [undefined, 'Q4\nAda\n7\none\ntwo\nred\nblue'],
  [['$'], 'Q4\nAda\n7\none\ntwo\nred\nblue'],
  [false, ''],
  [[], ''],
  [['title'], 'Q4'],
  [['metadata.author', 'title'], 'Ada\nQ4'],
  [['metadata'], 'Ada\n7'],
  [['chapters[*].content'], 'one\ntwo'],
  [['chapters[1].content'], 'two'],
  [['tags[-1]'], 'blue'],
  [['tags'], 'red\nblue'],
  [['nothing.here', 'chapters[9].content', 'title.x', 'toString'], ''],
])('of the paths %j: %j', (paths, text) => {
  expect(textOf(value, paths)).toBe(text);
});
