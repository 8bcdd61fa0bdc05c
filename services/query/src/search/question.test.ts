import { queryVector } from '@soma/analysis';
import { describe, expect, test } from '@jest/globals';
import { dateNamed, isAboutDay } from './named-date.js';
import { byMention, possibleNames, readQuestion } from './question.js';

const read = (query: string, ...speakers: string[]) =>
  readQuestion(query, byMention(possibleNames(query), speakers));

describe('reading a query', () => {
  test('leaves the names of speakers out of the words, unless there are no others', () => {
    expect(read('Where does Ada live?', 'ada').words).toEqual(queryVector('Where does live?'));
    expect(read('Ada', 'ada').words).toEqual(queryVector('Ada'));
    expect(read('Where does Ada live?').words).toEqual(queryVector('Where does Ada live?'));
    expect(read('Did Ada see Grace?', 'grace', 'ada').words).toEqual(queryVector('Did see?'));
  });

  test('knows who is named first', () => {
    const speakers = ['ada lovelace', 'ben', 'grace hopper'];
    expect(read('What has Grace told Ben and Ada?', ...speakers).speakers).toEqual(
      new Map([
        ['grace hopper', 1],
        ['ben', 0.5],
        ['ada lovelace', 0.5],
      ]),
    );
    expect(read('What has Ada told?', 'ada', 'ada lovelace').speakers).toEqual(
      new Map([
        ['ada', 1],
        ['ada lovelace', 1],
      ]),
    );
  });

  test.each(['When did it rain?', 'how long did it last', 'What year was that?'])('%s asks when', (query) => {
    expect(read(query).asksWhen).toBe(true);
  });

  test.each(['Where was it?', 'whenever it rains', 'what a year'])('%s does not', (query) => {
    expect(read(query).asksWhen).toBe(false);
  });

  test('takes what stands between quotation marks, with something in it, once', () => {
    const query = 'who said "Green Tea" or “black tea”, "green tea", "..." or "x';
    expect(read(query).phrases).toEqual(['green tea', 'black tea']);
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

describe('the date named', () => {
  test.each([
    ['in May 2023', { year: 2023, month: 4, day: null }],
    ['on 13 October, 2023', { year: 2023, month: 9, day: 13 }],
    ['October 13, 2023', { year: 2023, month: 9, day: 13 }],
    ['the 3rd of june', { year: null, month: 5, day: 3 }],
    ['since 2024-02-29', { year: 2024, month: 1, day: 29 }],
    ['during 2024-02', { year: 2024, month: 1, day: null }],
    ['last September', { year: null, month: 8, day: null }],
    ['dec 2021', { year: 2021, month: 11, day: null }],
    ['it may rain in July', { year: null, month: 6, day: null }],
  ])('%s', (query, date) => {
    expect(dateNamed(query)).toEqual(date);
  });

  test('is about what is of that day, or of the one before or after', () => {
    const date = { year: 2024, month: 2, day: 1 };
    const about = (time: number, named = date) => isAboutDay(time, named);
    expect(about(Date.UTC(2024, 1, 28, 23))).toBe(false);
    expect(about(Date.UTC(2024, 1, 29))).toBe(true);
    expect(about(Date.UTC(2024, 2, 2, 23, 59))).toBe(true);
    expect(about(Date.UTC(2024, 2, 3))).toBe(false);
    expect(about(Date.UTC(2023, 2, 1))).toBe(false);
    expect(isAboutDay(Date.UTC(2023, 2, 1), { ...date, year: null })).toBe(true);
    expect(isAboutDay(Date.UTC(2024, 2, 1), { ...date, day: null })).toBe(false);
  });

  test.each(['it may rain', 'a long march', 'sep', '2023-13', 'the mar and the dec', 'mayor'])(
    'not in: %s',
    (query) => {
      expect(dateNamed(query)).toBeNull();
    },
  );
});
