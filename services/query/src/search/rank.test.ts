import { describe, expect, test } from '@jest/globals';
import { EVERYTHING } from '@soma/memory';
import type { MemoryFacts } from '@soma/memory-store';
import type { SearchRequest } from '@soma/reads';
import type { IndexCandidates } from '@soma/vector-index';
import { byMention, possibleNames, readQuestion } from './question.js';
import { rank } from './rank.js';
import { NO_SURROUNDINGS, type Surroundings } from './surroundings.js';
import { matchesOf } from './view.js';
import { DEFAULT_WEIGHTS, type Weights } from './weights.js';

const NOW = Date.UTC(2024, 0, 31);
const DAY = 86_400_000;
const REQUEST: SearchRequest = {
  query: 'q',
  top_k: 10,
  offset: 0,
  mode: 'hybrid',
  filter: EVERYTHING,
  scope: EVERYTHING,
  user_id: null,
  min_similarity: null,
  context: 0,
  recency: null,
  importance_weight: 0,
  explain: true,
};
const candidate = (key: string, score: number) => ({ key, revision: 1, score });
const fact = (key: string, more: Partial<MemoryFacts> = {}): [string, MemoryFacts] => [
  key,
  {
    key,
    thread_id: null,
    speaker: null,
    occurred_at: null,
    updated_at: NOW,
    importance: 0.5,
    asks: false,
    tells_time: false,
    phrases: 0,
    accesses: 0,
    ...more,
  },
];

interface Asked extends Partial<IndexCandidates> {
  query?: string;
  speakers?: string[];
  request?: Partial<SearchRequest>;
  surroundings?: Partial<Surroundings>;
  weights?: Partial<Weights>;
}

function ranked(asked: Asked) {
  const {
    dense = [],
    sparse = [],
    about = new Map(),
    query = 'q',
    speakers = [],
    request,
    surroundings,
  } = asked;
  const around = { ...NO_SURROUNDINGS, ...surroundings };
  const view = {
    ...around,
    ...matchesOf({ dense, sparse, about }),
    question: readQuestion(query, byMention(possibleNames(query), speakers)),
    request: { ...REQUEST, ...request },
    now: NOW,
  };
  const keys = new Set([
    ...sparse.map(({ key }) => key),
    ...dense.map(({ key }) => key),
    ...around.facts.keys(),
  ]);
  return rank(
    [...keys],
    { dense },
    view,
    { ...REQUEST, ...request },
    { ...DEFAULT_WEIGHTS, ...asked.weights },
  );
}
const scores = (asked: Asked) =>
  Object.fromEntries(ranked(asked).map(({ key, score }) => [key, Math.round(score * 1e6) / 1e6]));

describe('a memory’s own score', () => {
  test('is the sum of both: words from 0, cosines from the least, to the greatest', () => {
    const found = ranked({
      sparse: [candidate('a', 8), candidate('b', 4)],
      dense: [candidate('b', 0.5), candidate('c', 0.25)],
    });
    expect(found.map(({ key, score }) => [key, score])).toEqual([
      ['b', 1.5],
      ['a', 1],
      ['c', 0],
    ]);
    expect(found[0]?.explain).toMatchObject({
      keyword: { value: 0.5, contribution: 0.5 },
      dense: { value: 1, contribution: 1 },
    });
    expect(found.map(({ similarity }) => similarity)).toEqual([0.5, null, 0.25]);
  });

  test('is nothing for what is not above 0, and ties go by key', () => {
    expect(scores({ dense: [candidate('b', -1), candidate('a', -0.5)] })).toEqual({ a: 0, b: 0 });
  });

  test('is all that counts in the modes that name it', () => {
    const asked = {
      sparse: [candidate('a', 2), candidate('b', 1)],
      surroundings: { facts: new Map([fact('a', { asks: true }), fact('b', { speaker: 'ada' })]) },
      speakers: ['ada'],
    };
    expect(scores({ ...asked, request: { mode: 'keyword' } })).toEqual({ a: 1, b: 0.5 });
    expect(scores(asked)).toEqual({ a: 0.75, b: 1.5 });
  });

  test('has to reach the similarity asked for', () => {
    const asked = { sparse: [candidate('words', 9)], dense: [candidate('near', 0.8), candidate('far', 0.2)] };
    expect(scores({ ...asked, request: { min_similarity: 0.5 } })).toEqual({ near: 1 });
  });
});

describe('what stands around a memory', () => {
  test('counts a quarter beside it, an eighth at the second place', () => {
    const beside = new Map([
      ['b', new Map([['a', -1]])],
      ['c', new Map([['a', -2]])],
    ]);
    const facts = new Map([fact('a'), fact('b'), fact('c')]);
    expect(scores({ sparse: [candidate('a', 1)], surroundings: { beside, facts } })).toEqual({
      a: 1,
      b: 0.25,
      c: 0.125,
    });
  });

  test('counts twice when it is a question, for what follows it', () => {
    const beside = new Map([
      ['before', new Map([['asked', 1]])],
      ['after', new Map([['asked', -1]])],
    ]);
    const facts = new Map([fact('asked', { asks: true }), fact('before'), fact('after')]);
    expect(scores({ sparse: [candidate('asked', 1)], surroundings: { beside, facts } })).toEqual({
      asked: 0.75,
      after: 0.5,
      before: 0.25,
    });
  });

  test('is its thread, by the words that any of its memories has', () => {
    const facts = new Map([
      ...['a', 'b', 'c'].map((key) => fact(key, { thread_id: 'whole' })),
      ...['d', 'e'].map((key) => fact(key, { thread_id: 'half' })),
      fact('f'),
    ]);
    const has = (...terms: number[]) => ({ facts: null, terms });
    // Two words of one weight: each is in one thread of two, but for the first, which both have.
    const about = new Map([
      ['a', has(0)],
      ['b', has(1)],
      ['d', has(0)],
      ['e', has(0)],
      ['f', has(0, 1)],
    ]);
    const words = ranked({
      query: 'green tea',
      sparse: ['a', 'b', 'd', 'e', 'f'].map((key) => candidate(key, 1)),
      about,
      surroundings: { facts },
    });
    const values = (name: string) =>
      Object.fromEntries(words.map(({ key, explain }) => [key, explain?.[name]?.value]));
    const [common, rare] = [Math.log(1 + 0.5 / 2.5), Math.log(2)];
    const twice = (2 * 2.2) / 3.2;
    expect(values('thread')).toEqual({
      ...Object.fromEntries(['a', 'b', 'c'].map((key) => [key, 1])),
      ...Object.fromEntries(
        ['d', 'e'].map((key) => [key, expect.closeTo((common * twice) / (common + rare), 6)]),
      ),
      f: 0,
    });
    expect(words[0]?.explain).toMatchObject({ thread: { contribution: 0.5 } });
  });

  test('is what it is linked with, by weight', () => {
    const linked = new Map([
      [
        'x',
        new Map([
          ['a', 3],
          ['b', 1],
        ]),
      ],
    ]);
    const asked = { sparse: [candidate('a', 1)], surroundings: { linked, facts: new Map([fact('x')]) } };
    expect(scores(asked)).toEqual({ a: 1, x: 0.1875 });
  });
});

describe('what a memory is, beside what the query asks', () => {
  const sparse = [candidate('a', 1), candidate('b', 1)];
  const both = (query: string, first: Partial<MemoryFacts>, second: Partial<MemoryFacts>, more: Asked = {}) =>
    scores({
      query,
      sparse,
      surroundings: { facts: new Map([fact('a', first), fact('b', second)]) },
      ...more,
    });

  test('the speaker named, and half as much who is named after', () => {
    const named = { speakers: ['ada', 'ben'] };
    expect(
      both('What did Ada say?', { speaker: 'ada' }, { speaker: 'grace' }, { speakers: ['ada'] }),
    ).toEqual({
      a: 2,
      b: 1,
    });
    expect(both('What did Ada tell Ben?', { speaker: 'ada' }, { speaker: 'ben' }, named)).toEqual({
      a: 2,
      b: 1.5,
    });
  });

  test('the month named, with its year when that is named too', () => {
    const may = { occurred_at: Date.UTC(2023, 4, 8) };
    const mayBefore = { occurred_at: Date.UTC(2022, 4, 8) };
    expect(both('in May', may, mayBefore)).toEqual({ a: 2, b: 2 });
    expect(both('in May 2023', may, mayBefore)).toEqual({ a: 2, b: 1 });
  });

  test('the day named, half as much again, and the days beside it', () => {
    const on = (day: number) => ({ occurred_at: Date.UTC(2023, 4, day, 12) });
    expect(both('on 8 May 2023', on(9), on(11))).toEqual({ a: 2.5, b: 2 });
    expect(both('in May 2023', on(8), on(11))).toEqual({ a: 2, b: 2 });
  });

  test('a time, when it is asked for', () => {
    expect(both('When was it?', { tells_time: true }, {})).toEqual({ a: 1.5, b: 1 });
    expect(both('Where was it?', { tells_time: true }, {})).toEqual({ a: 1, b: 1 });
  });

  test('the words between quotation marks', () => {
    expect(both('"green tea" or "black tea"', { phrases: 1 }, { phrases: 2 })).toEqual({ a: 1.5, b: 2 });
  });

  test('how often it was accessed, when that has a weight', () => {
    const weighing = { weights: { accesses: 1 } };
    expect(both('q', { accesses: 3 }, { accesses: 15 }, weighing)).toEqual({ a: 1.5, b: 2 });
    expect(both('q', {}, {}, weighing)).toEqual({ a: 1, b: 1 });
    expect(both('q', { accesses: 3 }, { accesses: 15 })).toEqual({ a: 1, b: 1 });
  });

  test('recent and important, when the request weighs that', () => {
    const recency = { half_life_ms: 10 * DAY, weight: 2 };
    const old = { occurred_at: NOW - 10 * DAY, importance: 1 };
    expect(both('q', old, {}, { request: { recency } })).toEqual({ a: 2, b: 3 });
    expect(both('q', old, {}, { request: { importance_weight: 1 } })).toEqual({ a: 2, b: 1.5 });
    expect(both('q', old, {})).toEqual({ a: 1, b: 1 });
  });
});
