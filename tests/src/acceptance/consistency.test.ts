import { describe, expect, test } from '@jest/globals';
import { Client, coordsOf, tokenOf } from './client.js';
import { expectProblem } from './expect-problem.js';
import { randomSource } from './random-source.js';

const WRITES = 100;

describe('consistency tokens', () => {
  test(`GET reads its own writes, ${WRITES} random ones`, async () => {
    const client = new Client();
    const random = randomSource(1);
    const expected = new Map<string, number | null>();
    for (let n = 0; n < WRITES; n += 1) {
      const coord = `m${random(10)}`;
      const deletes = random(4) === 0;
      // Answered before it is carried out, so that only the token can make the read right.
      const answer = deletes
        ? await client.delete(coord, '?until=accepted')
        : await client.put(coord, { payload: { n } }, { query: '?until=accepted' });
      expect(answer.status).toBe(202);
      expected.set(coord, deletes ? null : n);
      const read = await client.get(coord, { 'Soma-Consistency-Token': tokenOf(answer), Prefer: 'wait=20' });
      const found = read.status === 404 ? null : read.body.memory.payload['n'];
      expect([coord, found]).toEqual([coord, expected.get(coord)]);
    }
  });

  test(`search finds its own writes, ${WRITES} random ones`, async () => {
    const client = new Client();
    const random = randomSource(2);
    for (let n = 0; n < WRITES; n += 1) {
      const word = `word${random(1_000_000)}x${n}`;
      const coord = `m${random(20)}`;
      const answer = await client.put(coord, { payload: { text: word } }, { query: '?until=accepted' });
      const headers = { 'Soma-Consistency-Token': tokenOf(answer), Prefer: 'wait=20' };
      const found = await client.search({ query: word, top_k: 1 }, headers);
      expect([found.status, coordsOf(found)]).toEqual([200, [coord]]);
      expect(found.body.memories[0]?.payload).toEqual({ text: word });
    }
  });

  test('a token sent with a write is covered by the token that comes back', async () => {
    const client = new Client();
    let token = '';
    for (let n = 0; n < 30; n += 1) {
      const headers = n === 0 ? {} : { 'Soma-Consistency-Token': token };
      const answer = await client.put(`m${n}`, { payload: { n } }, { query: '?until=accepted', headers });
      token = tokenOf(answer);
    }
    expect(token.length).toBeLessThanOrEqual(1024);
    const coords = Array.from({ length: 30 }, (_, n) => `m${n}`);
    const { body } = await client.call<{ memories: unknown[] }>('POST', '/memories/get', {
      json: { coords },
      headers: { 'Soma-Consistency-Token': token, Prefer: 'wait=20' },
    });
    expect(body.memories.filter((memory) => memory === null)).toEqual([]);
  });

  test('reads of links see the write too', async () => {
    const client = new Client();
    await client.put('a', { payload: {} });
    await client.put('b', { payload: {} });
    const link = await client.call('POST', '/graph/links?until=accepted', {
      json: { from_coord: 'a', to_coord: 'b' },
    });
    const { body } = await client.call<{ links: unknown[] }>('GET', '/graph/neighbors?coord=a', {
      headers: { 'Soma-Consistency-Token': tokenOf(link), Prefer: 'wait=20' },
    });
    expect(body.links).toHaveLength(1);
  });

  test('a token of another namespace, a forged and a senseless one are refused without waiting', async () => {
    const client = new Client();
    await client.put('m', { payload: {} });
    const foreign = tokenOf(await new Client().put('m', { payload: {} }));
    const own = tokenOf(await client.put('m', { payload: {} }));
    const middle = Math.floor(own.length / 2);
    const flipped = own[middle] === 'A' ? 'B' : 'A';
    const forged = own.slice(0, middle) + flipped + own.slice(middle + 1);
    for (const token of [foreign, forged, 'senseless', 'A'.repeat(2000)]) {
      const headers = { 'Soma-Consistency-Token': token, Prefer: 'wait=30' };
      expectProblem(await client.get('m', headers), 400, 'invalid_consistency_token');
      expectProblem(await client.search({ query: 'x' }, headers), 400, 'invalid_consistency_token');
      expectProblem(await client.put('m', { payload: {} }, { headers }), 400, 'invalid_consistency_token');
    }
  });
});
