import { beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { outagesOf, type BatchAnswer, type SearchAnswer } from './answers.js';
import { Client, coordsOf } from './client.js';
import { expectProblem } from './expect-problem.js';

const FACTS: [coord: string, text: string, attributes: JsonObject][] = [
  [
    'tea',
    'Ada drinks green tea every morning',
    { user_id: 'ada', thread_id: 't1', tags: ['drink', 'habit'] },
  ],
  ['coffee', 'Grace drinks black coffee at night', { user_id: 'grace', thread_id: 't1', tags: ['drink'] }],
  [
    'dog',
    'Ada has a dog that is called Byron',
    { user_id: 'ada', agent_id: 'walker', memory_type: 'semantic' },
  ],
  [
    'ship',
    'Grace served on a ship of the navy',
    { user_id: 'grace', payload: { topic: 'work', year: 1944 } },
  ],
  [
    'engine',
    'The engine weaves algebraic patterns',
    { payload: { topic: 'work', year: 1843, who: { name: 'ada' } } },
  ],
];

let client: Client;

beforeAll(async () => {
  client = new Client();
  const operations = FACTS.map(([coord, text, attributes]) => ({ op: 'put', coord, text, ...attributes }));
  const answer = await client.call<BatchAnswer>('POST', '/memories/batch?until=indexed', {
    json: { operations },
  });
  expect(answer.body.results.map(({ status }) => status)).toEqual(FACTS.map(() => 'indexed'));
});

describe('search', () => {
  test('ranks what is asked for first and gives whole memories', async () => {
    const { status, body } = await client.search({ query: 'what does Ada drink: tea?' });
    expect(status).toBe(200);
    expect(outagesOf(body)).toEqual([]);
    expect(body.took_ms).toBeGreaterThanOrEqual(0);
    const [best] = body.memories;
    expect(best).toMatchObject({ coord: 'tea', user_id: 'ada', version: 1, score: expect.any(Number) });
    const scores = body.memories.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  test.each(['hybrid', 'dense', 'keyword'])('%s finds by words', async (mode) => {
    expect(coordsOf(await client.search({ query: 'black coffee', mode }))[0]).toBe('coffee');
  });

  test('keyword finds only what shares a word', async () => {
    expect(coordsOf(await client.search({ query: 'algebraic', mode: 'keyword' }))).toEqual(['engine']);
    expect(coordsOf(await client.search({ query: 'xylophone', mode: 'keyword' }))).toEqual([]);
  });

  test('top_k and offset page through one order', async () => {
    const all = coordsOf(await client.search({ query: 'Ada drinks', top_k: 5 }));
    const first = coordsOf(await client.search({ query: 'Ada drinks', top_k: 2 }));
    const next = coordsOf(await client.search({ query: 'Ada drinks', top_k: 2, offset: 2 }));
    expect([...first, ...next]).toEqual(all.slice(0, 4));
  });

  test('GET asks the same', async () => {
    const query = new URLSearchParams({
      query: 'who drinks',
      top_k: '3',
      user_id: 'grace',
      filters: '{"tags":"drink"}',
    });
    const got = await client.call<SearchAnswer>('GET', `/memories/search?${query.toString()}`);
    expect(got.status).toBe(200);
    expect(coordsOf(got)).toEqual(['coffee']);
  });

  test('explains when asked', async () => {
    const plain = await client.search({ query: 'tea' });
    expect(plain.body.memories[0]).not.toHaveProperty('explain');
    const { body } = await client.search({ query: 'tea', explain: true });
    const explained = Object.values(body.memories[0]?.explain ?? {});
    expect(explained.length).toBeGreaterThan(0);
    expect(
      explained.every(({ value, contribution }) => Number.isFinite(value) && Number.isFinite(contribution)),
    ).toBe(true);
  });

  test.each<[JsonObject, string[]]>([
    [{ user_id: 'ada' }, ['dog', 'tea']],
    [{ user_id: 'grace', thread_id: 't1' }, ['coffee']],
    [{ agent_id: 'walker' }, ['dog']],
    [{ memory_type: 'semantic' }, ['dog']],
    [{ filters: { topic: 'work' } }, ['engine', 'ship']],
    [{ filters: { topic: 'work', year: 1843 } }, ['engine']],
    [{ filters: { 'who.name': 'ada' } }, ['engine']],
    [{ filters: { tags: 'drink' } }, ['coffee', 'tea']],
    [{ filters: { user_id: 'ada', tags: 'habit' } }, ['tea']],
    [{ filters: { year: '1843' } }, []],
    [{ filters: { topic: 'play' } }, []],
    [{ user_id: 'nobody' }, []],
  ])('narrowed by %j', async (scope, expected) => {
    const answer = await client.search({ query: 'Ada Grace engine', top_k: 100, ...scope });
    expect(coordsOf(answer).sort()).toEqual(expected);
  });

  test('a change of what a filter looks at is seen', async () => {
    const own = new Client();
    await own.remember('m', 'a moving target', { user_id: 'before' });
    await own.call('PATCH', '/memories/m?until=indexed', { json: { user_id: 'after' } });
    expect(coordsOf(await own.search({ query: 'target', user_id: 'before' }))).toEqual([]);
    expect(coordsOf(await own.search({ query: 'target', user_id: 'after' }))).toEqual(['m']);
  });

  test('a replaced text is found by its new words alone', async () => {
    const own = new Client();
    await own.remember('m', 'quince');
    await own.remember('m', 'persimmon');
    expect(coordsOf(await own.search({ query: 'quince', mode: 'keyword' }))).toEqual([]);
    expect(coordsOf(await own.search({ query: 'persimmon', mode: 'keyword' }))).toEqual(['m']);
  });

  test('top_k is filled although hits fell away', async () => {
    const own = new Client();
    const coords = Array.from({ length: 12 }, (_, n) => `m${n}`);
    const operations = coords.map((coord) => ({ op: 'put', coord, text: 'the same words in each' }));
    await own.call('POST', '/memories/batch?until=indexed', { json: { operations } });
    const removals = coords.slice(0, 6).map((coord) => ({ op: 'delete', coord }));
    await own.call('POST', '/memories/batch', { json: { operations: removals } });
    const found = coordsOf(await own.search({ query: 'same words', top_k: 6 }));
    expect(found.sort()).toEqual(coords.slice(6).sort());
  });

  test('an empty namespace has nothing to find', async () => {
    const answer = await new Client().search({ query: 'anything' });
    expect([answer.status, answer.body.memories]).toEqual([200, []]);
  });

  test.each<[string, JsonObject, string]>([
    ['no query', {}, 'invalid_request'],
    ['a query that is no text', { query: 5 }, 'invalid_request'],
    ['a query above 8 KiB', { query: 'x'.repeat(8 * 1024 + 1) }, 'invalid_request'],
    ['top_k 0', { query: 'x', top_k: 0 }, 'invalid_request'],
    ['top_k 101', { query: 'x', top_k: 101 }, 'invalid_request'],
    ['top_k 1.5', { query: 'x', top_k: 1.5 }, 'invalid_request'],
    ['a negative offset', { query: 'x', offset: -1 }, 'invalid_request'],
    ['too far', { query: 'x', offset: 1000, top_k: 1 }, 'invalid_request'],
    ['an unknown mode', { query: 'x', mode: 'magic' }, 'invalid_request'],
    ['an unknown field', { query: 'x', limit: 3 }, 'invalid_request'],
    ['min_similarity without a real embedder', { query: 'x', min_similarity: 0.5 }, 'invalid_request'],
    ['an unknown operator', { query: 'x', filters: { a: { $near: 1 } } }, 'invalid_filter'],
    ['a list as operand', { query: 'x', filters: { a: [1] } }, 'invalid_filter'],
    ['an empty $or', { query: 'x', filters: { $or: [] } }, 'invalid_filter'],
    [
      '65 clauses',
      { query: 'x', filters: { $or: Array.from({ length: 65 }, () => ({ a: 1 })) } },
      'invalid_filter',
    ],
  ])('%s is refused', async (_, request, code) => {
    expectProblem(await client.search(request), 400, code);
  });

  test.each([
    ['filters=%7Bbad', 'invalid_filter'],
    ['top_k=ten', 'invalid_request'],
    ['surprise=1', 'invalid_request'],
    ['top_k=1&top_k=2', 'invalid_request'],
  ])('GET with %s is refused', async (query, code) => {
    expectProblem(await client.call('GET', `/memories/search?query=x&${query}`), 400, code);
  });
});
