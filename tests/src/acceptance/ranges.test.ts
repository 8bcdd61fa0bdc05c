import { beforeAll, describe, expect, test } from '@jest/globals';
import { Client, tokenOf } from './client.js';
import { expectProblem } from './expect-problem.js';
import { allCoords, page } from './pages.js';

let client: Client;
beforeAll(async () => {
  client = new Client();
  const coords = [
    '0,0',
    '10,10',
    '5.0,5',
    '5,-1',
    '11,5',
    '-0.5,5',
    '9.999,10',
    '10,10.001',
    '10,9',
    '5',
    '5,5,5',
    'five',
  ];
  const operations = coords.map((coord) => ({ op: 'put', coord, payload: {} }));
  await client.call('POST', '/memories/batch', { json: { operations } });
});

describe('a range', () => {
  test('has what is inside, its edges too, by number, in pages of any size', async () => {
    const inside = ['0,0', '5.0,5', '9.999,10', '10,9', '10,10'];
    for (const limit of [1, 2, 5, 50]) {
      expect(await allCoords(client, `/memories/range?min=0,0&max=10,10&limit=${limit}`)).toEqual(inside);
    }
    expect(await allCoords(client, '/memories/range?min=-1.0,5&max=-0.1,5')).toEqual(['-0.5,5']);
    expect(await allCoords(client, '/memories/range?min=4&max=6')).toEqual(['5']);
    expect(await allCoords(client, '/memories/range?min=1,1&max=2,2')).toEqual([]);
  });

  test('a coord of the word range is none, so that the path means a range alone', async () => {
    expectProblem(await client.put('range', { payload: {} }), 405, 'method_not_allowed');
    expectProblem(await page(client, '/memories/range'), 400, 'invalid_request');
  });

  test('a token makes it as new as the writes that it names', async () => {
    const own = new Client();
    const written = await own.put('1,1', { payload: {} }, { query: '?until=accepted' });
    const headers = { 'Soma-Consistency-Token': tokenOf(written), Prefer: 'wait=20' };
    expect((await page(own, '/memories/range?min=0,0&max=2,2', headers)).body.memories).toHaveLength(1);
    await own.delete('1,1');
    expect((await page(own, '/memories/range?min=0,0&max=2,2')).body.memories).toEqual([]);
  });

  test.each([
    ['min=0,0&max=1', 'invalid_request'],
    ['min=2,0&max=1,9', 'invalid_request'],
    ['min=0,0&max=b', 'invalid_coord'],
    ['min=0,0&max=1,1e3', 'invalid_coord'],
    ['min=0,0&max=1,1&limit=501', 'invalid_request'],
    ['min=0,0&max=1,1&cursor=x', 'invalid_cursor'],
  ])('%s is refused', async (query, code) => {
    expectProblem(await page(client, `/memories/range?${query}`), 400, code);
  });
});
