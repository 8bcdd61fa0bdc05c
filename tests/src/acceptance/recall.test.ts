import { beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import type { BatchAnswer, SearchAnswer } from './answers.js';
import { Client, coordsOf, type Answer } from './client.js';
import { expectProblem } from './expect-problem.js';

/** A talk of two, without times: their order is that of the messages. */
const TALK: [name: string, content: string][] = [
  ['Ada', 'Good morning!'],
  ['Grace', 'Did you find a name for the sailing boat?'],
  ['Ada', 'Yes, we settled on Ariadne.'],
  ['Grace', 'Lovely. And how is the garden?'],
  ['Ada', 'Full of weeds.'],
];

const NOTES: JsonObject[] = [
  { coord: 'old', text: 'budget review', occurred_at: '2020-05-04T00:00:00Z', importance: 1 },
  { coord: 'new', text: 'budget review', occurred_at: '2024-06-03T00:00:00Z', importance: 0 },
];

let client: Client;
let talk: string[];

beforeAll(async () => {
  client = new Client();
  const messages = TALK.map(([name, content]) => ({ role: 'user', name, content }));
  const said = await client.call<BatchAnswer>('POST', '/memories/messages?until=indexed', {
    json: { messages, thread_id: 'talk' },
  });
  talk = said.body.results.map(({ coord }) => coord);
  const operations = NOTES.map((note) => ({ op: 'put', ...note }));
  await client.call('POST', '/memories/batch?until=indexed', { json: { operations } });
});

const search = (request: JsonObject) => client.search({ top_k: 10, ...request });
const said = (answer: Answer<SearchAnswer>) =>
  coordsOf(answer).map((coord) => TALK[talk.indexOf(coord)]?.[1] ?? coord);

describe('ranking', () => {
  test('finds the answer that follows a matching question, although it shares no word', async () => {
    const found = said(await search({ query: 'the name of the sailing boat' }));
    expect(found.slice(0, 2).sort()).toEqual([TALK[1]?.[1], TALK[2]?.[1]].sort());
  });

  test('prefers what the one person named has said', async () => {
    const [first] = said(await search({ query: 'What did Ada call the sailing boat?' }));
    expect(first).toBe(TALK[2]?.[1]);
  });

  test('counts every person named, and who is named later half', async () => {
    const { body } = await search({ query: 'What did Ada tell Grace of the sailing boat?', explain: true });
    const counted = body.memories
      .filter(({ coord }) => talk.includes(coord))
      .map(({ coord, explain }) => [TALK[talk.indexOf(coord)]?.[0], explain?.['speaker']?.value]);
    expect(new Set(counted.map(String))).toEqual(new Set(['Ada,1', 'Grace,0.5']));
  });

  test('prefers the month that is named', async () => {
    expect(coordsOf(await search({ query: 'budget review in May 2020' }))[0]).toBe('old');
    expect(coordsOf(await search({ query: 'budget review in June' }))[0]).toBe('new');
  });

  test('weighs recency and importance as much as the request says', async () => {
    const query = 'budget review';
    const recency = { half_life: '52w', weight: 1 };
    expect(coordsOf(await search({ query, recency }))[0]).toBe('new');
    expect(coordsOf(await search({ query, importance_weight: 1 }))[0]).toBe('old');
    expect(coordsOf(await search({ query, mode: 'keyword', importance_weight: 1 }))[0]).toBe('old');
  });

  test('explains each feature, and the contributions add up to the score', async () => {
    const { body } = await search({ query: 'What did Ada call the sailing boat?', explain: true });
    expect(body.memories.length).toBeGreaterThan(0);
    for (const { score, explain } of body.memories) {
      expect(Object.keys(explain ?? {})).toEqual(expect.arrayContaining(['keyword', 'speaker', 'neighbors']));
      const sum = Object.values(explain ?? {}).reduce((total, { contribution }) => total + contribution, 0);
      expect(sum).toBeCloseTo(score, 9);
    }
  });

  test.each([
    ['nothing but stop words', 'what is the of and'],
    ['emoji', '🦄🦄'],
    ['8 KiB of one word', 'boat '.repeat(1_638)],
    ['mixed scripts', 'boat 船 лодка قارب'],
    ['quotation marks alone', '"" "'],
  ])('%s gets an answer', async (_, query) => {
    expect((await search({ query })).status).toBe(200);
  });
});

describe('context', () => {
  const contextOf = (answer: Answer<SearchAnswer>, coord: string | undefined) =>
    answer.body.memories
      .find((memory) => memory.coord === coord)
      ?.context?.map((memory) => TALK[talk.indexOf(memory.coord)]?.[1]);

  test('is what was said around a hit, in order', async () => {
    const found = await search({ query: 'Ariadne', mode: 'keyword', context: 2 });
    expect(coordsOf(found)).toEqual([talk[2]]);
    expect(contextOf(found, talk[2])).toEqual([TALK[0]?.[1], TALK[1]?.[1], TALK[3]?.[1], TALK[4]?.[1]]);
  });

  test('is not given twice: of adjacent hits the better one has what both touch', async () => {
    const found = await search({ query: 'Ariadne Ariadne lovely', mode: 'keyword', context: 1 });
    expect(coordsOf(found)).toEqual([talk[2], talk[3]]);
    expect(contextOf(found, talk[2])).toEqual([TALK[1]?.[1]]);
    expect(contextOf(found, talk[3])).toEqual([TALK[4]?.[1]]);
  });

  test('comes only when asked for', async () => {
    const { body } = await search({ query: 'Ariadne' });
    expect(body.memories[0]).not.toHaveProperty('context');
  });
});

test.each<[string, JsonObject]>([
  ['more context than 5', { context: 6 }],
  ['a half-life without a unit', { recency: { half_life: '7', weight: 1 } }],
  ['a half-life of nothing', { recency: { half_life: '0d', weight: 1 } }],
  ['a recency without a weight', { recency: { half_life: '7d' } }],
  ['a negative weight', { importance_weight: -1 }],
])('%s is refused', async (_, request) => {
  expectProblem(await client.search({ query: 'x', ...request }), 400, 'invalid_request');
});
