import { queryVector } from '@soma/analysis';
import { describe, expect, test } from '@jest/globals';
import { monthNamed } from './named-month.js';
import { possibleNames, readQuestion } from './question.js';

describe('reading a query', () => {
  test('leaves the name of the speaker out of the words, unless there are no others', () => {
    expect(readQuestion('Where does Ada live?', 'ada').words).toEqual(queryVector('Where does live?'));
    expect(readQuestion('Ada', 'ada').words).toEqual(queryVector('Ada'));
    expect(readQuestion('Where does Ada live?', null).words).toEqual(queryVector('Where does Ada live?'));
  });

  test.each(['When did it rain?', 'how long did it last', 'What year was that?'])('%s asks when', (query) => {
    expect(readQuestion(query, null).asksWhen).toBe(true);
  });

  test.each(['Where was it?', 'whenever it rains', 'what a year'])('%s does not', (query) => {
    expect(readQuestion(query, null).asksWhen).toBe(false);
  });

  test('takes what stands between quotation marks, with something in it, once', () => {
    const query = 'who said "Green Tea" or “black tea”, "green tea", "..." or "x';
    expect(readQuestion(query, null).phrases).toEqual(['green tea', 'black tea']);
  });
});

describe('possible names', () => {
  test('are all runs of up to three words, without what hangs on them', () => {
    expect(possibleNames("Ada's friend Grace B. Hopper?")).toEqual(
      expect.arrayContaining(['ada', 'grace', 'grace b hopper', 'friend grace']),
    );
  });

  test('are few, whatever the query', () => {
    expect(possibleNames('🦄 … !')).toEqual([]);
    expect(possibleNames(Array.from({ length: 5_000 }, (_, at) => `w${at}`).join(' ')).length).toBeLessThan(
      193,
    );
  });
});

describe('the month named', () => {
  test.each([
    ['in May 2023', { month: 4, year: 2023 }],
    ['on 13 October, 2023', { month: 9, year: 2023 }],
    ['October 13, 2023', { month: 9, year: 2023 }],
    ['the 3rd of june', { month: 5, year: null }],
    ['since 2024-02-29', { month: 1, year: 2024 }],
    ['last September', { month: 8, year: null }],
    ['dec 2021', { month: 11, year: 2021 }],
    ['it may rain in July', { month: 6, year: null }],
  ])('%s', (query, month) => {
    expect(monthNamed(query)).toEqual(month);
  });

  test.each(['it may rain', 'a long march', 'sep', '2023-13', 'the mar and the dec', 'mayor'])(
    'not in: %s',
    (query) => {
      expect(monthNamed(query)).toBeNull();
    },
  );
});
