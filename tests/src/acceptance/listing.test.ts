import { beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import type { MemoryPage } from './answers.js';
import { Client, tokenOf } from './client.js';
import { expectProblem } from './expect-problem.js';
import { allCoords, page, pagesOf } from './pages.js';
import { randomSource } from './random-source.js';

const ORDERS = ['created_at', 'updated_at', 'occurred_at', 'coord'];
const WAYS = ['asc', 'desc'];
const EVERY_WAY = ORDERS.flatMap((order) => WAYS.map((direction) => [order, direction]));

const count = async (client: Client, body: JsonObject = {}) =>
  (await client.call<{ count: number }>('POST', '/memories/count', { json: body })).body.count;

describe('listing', () => {
  let client: Client;
  beforeAll(async () => {
    client = new Client();
    const memories: [string, JsonObject][] = [
      [
        'b',
        { payload: { topic: 'tea' }, user_id: 'ada', tags: ['hot'], occurred_at: '2024-01-02T00:00:00Z' },
      ],
      ['d', { payload: { topic: 'tea' }, user_id: 'grace', memory_type: 'semantic' }],
      ['a', { payload: { topic: 'navy' }, user_id: 'grace', occurred_at: '2024-01-01T00:00:00Z' }],
      ['c', { payload: { topic: 'tea', n: 3 }, user_id: 'ada', agent_id: 'bot', thread_id: 't' }],
    ];
    for (const [coord, memory] of memories) await client.put(coord, memory);
    await client.call('PATCH', '/memories/d', { json: { importance: 1 } });
  });

  test.each([
    ['created_at', 'b d a c'],
    ['updated_at', 'b a c d'],
    ['occurred_at', 'a b d c'],
    ['coord', 'a b c d'],
  ])('by %s, either way and in pages of any size', async (order, expected) => {
    const forwards = expected.split(' ');
    for (const limit of [1, 2, 3, 4, 50]) {
      const path = `/memories?order=${order}&limit=${limit}`;
      expect(await allCoords(client, path)).toEqual(forwards);
      expect(await allCoords(client, `${path}&direction=desc`)).toEqual(forwards.toReversed());
    }
  });

  test('gives whole memories, by creation unless told otherwise', async () => {
    const { body } = await page(client, '/memories');
    expect(body.next_cursor).toBeNull();
    expect(body.memories.map(({ coord }) => coord)).toEqual(['b', 'd', 'a', 'c']);
    const [, whole] = body.memories;
    expect(whole).toEqual((await client.get('d')).body.memory);
  });

  test.each([
    ['user_id=ada', 'b c'],
    ['user_id=ada&agent_id=bot', 'c'],
    ['thread_id=t', 'c'],
    ['memory_type=semantic', 'd'],
    ['tag=hot', 'b'],
    [`filters=${encodeURIComponent('{"topic":"tea","n":{"$exists":false}}')}`, 'b d'],
    [`user_id=grace&filters=${encodeURIComponent('{"$not":{"topic":"tea"}}')}`, 'a'],
    ['order=occurred_at&since=2024-01-01T00:00:00Z&until_time=2024-01-02T00:00:00Z', 'a'],
    ['order=occurred_at&until_time=2024-01-03T00:00:00Z&direction=desc', 'b a'],
    ['user_id=nobody', ''],
  ])('narrowed by %s, and counted likewise', async (query, expected) => {
    const coords = expected === '' ? [] : expected.split(' ');
    expect(await allCoords(client, `/memories?limit=1&${query}`)).toEqual(coords);
    const { filters, order, since, until_time, direction, ...scope } = Object.fromEntries(
      new URLSearchParams(query),
    );
    if (order !== undefined) return;
    const parsed = filters === undefined ? {} : { filters: JSON.parse(filters) as JsonObject };
    expect([since, until_time, direction]).toEqual([undefined, undefined, undefined]);
    expect(await count(client, { ...scope, ...parsed })).toBe(coords.length);
  });

  test('what is deleted or has expired is neither listed nor counted', async () => {
    const own = new Client();
    await own.put('stays', { payload: {} });
    await own.put('goes', { payload: {} });
    await own.put('past', { payload: {}, expires_at: '2001-01-01T00:00:00Z' });
    await own.delete('goes');
    for (const order of ORDERS) expect(await allCoords(own, `/memories?order=${order}`)).toEqual(['stays']);
    expect(await count(own)).toBe(1);
  });

  test('a token makes lists and counts as new as the writes that it names', async () => {
    const own = new Client();
    for (let n = 1; n <= 20; n += 1) {
      const written = await own.put(`m${n}`, { payload: { n } }, { query: '?until=accepted' });
      expect(written.status).toBe(202);
      const headers = { 'Soma-Consistency-Token': tokenOf(written), Prefer: 'wait=20' };
      expect((await page(own, '/memories', headers)).body.memories).toHaveLength(n);
      const counted = await own.call<{ count: number }>('POST', '/memories/count', { json: {}, headers });
      expect(counted.body.count).toBe(n);
    }
  });

  test('HEAD has the headers of GET', async () => {
    const answer = await client.call('HEAD', '/memories?limit=1', {
      headers: { 'Accept-Encoding': 'identity' },
    });
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(100);
  });

  test('a cursor belongs to its query and its namespace', async () => {
    const { body } = await page(client, '/memories?user_id=ada&limit=1');
    const cursor = `cursor=${encodeURIComponent(body.next_cursor ?? '')}`;
    expect((await page(client, `/memories?user_id=ada&limit=2&${cursor}`)).status).toBe(200);
    for (const query of ['', 'user_id=grace&', 'user_id=ada&direction=desc&', 'user_id=ada&tag=hot&']) {
      expectProblem(await page(client, `/memories?${query}${cursor}`), 400, 'invalid_cursor');
    }
    expectProblem(await page(new Client(), `/memories?user_id=ada&${cursor}`), 400, 'invalid_cursor');
    expectProblem(await page(client, `/memories/range?min=0&max=1&${cursor}`), 400, 'invalid_cursor');
    expectProblem(await page(client, '/memories?cursor=AAAA'), 400, 'invalid_cursor');
  });

  test.each([
    ['limit=0', 'invalid_request'],
    ['limit=501', 'invalid_request'],
    ['order=importance', 'invalid_request'],
    ['since=monday', 'invalid_request'],
    ['offset=3', 'invalid_request'],
    ['limit=1&limit=2', 'invalid_request'],
    ['filters={', 'invalid_filter'],
    ['filters={"a":{"$near":1}}', 'invalid_filter'],
  ])('%s is refused', async (query, code) => {
    expectProblem(await page(client, `/memories?${query}`), 400, code);
  });
});

describe('while others write', () => {
  const KEPT = 40;
  const kept = Array.from({ length: KEPT }, (_, n) => `kept${String(n).padStart(2, '0')}`);
  const volatile = Array.from({ length: 10 }, (_, n) => `volatile${n}`);

  test.each(EVERY_WAY)(
    '%s %s: each memory once, and none that was there all along missed',
    async (order, way) => {
      const client = new Client();
      const random = randomSource(7);
      const operations = [...kept, ...volatile].map((coord) => ({
        op: 'put',
        coord,
        payload: { passes: true },
      }));
      await client.call('POST', '/memories/batch', { json: { operations } });
      let made = 0;
      const write = async () => {
        const any = () => kept[random(KEPT)] ?? '';
        const some = () => volatile[random(volatile.length)] ?? '';
        const again = some();
        await client.call('POST', '/memories/batch', {
          json: {
            operations: [
              { op: 'patch', coord: any(), importance: random(100) / 100 },
              {
                op: 'patch',
                coord: any(),
                occurred_at: new Date(random(2_000_000_000) * 1000).toISOString(),
              },
              { op: 'put', coord: any(), payload: { passes: true, n: random(9) } },
              { op: 'delete', coord: again },
              { op: 'put', coord: again, payload: { passes: true } },
              { op: 'delete', coord: some() },
              { op: 'put', coord: `new${(made += 1)}`, payload: { passes: true } },
            ],
          },
        });
      };
      const filters = encodeURIComponent('{"passes":true}');
      const path = `/memories?order=${order}&direction=${way}&limit=3&filters=${filters}`;
      const busy = { on: true };
      const others = Promise.all(
        [0, 1].map(async () => {
          while (busy.on) await write();
        }),
      );
      const listings = await Promise.all([0, 1, 2].map(() => allCoords(client, path, write)));
      busy.on = false;
      await others;
      for (const coords of listings) {
        expect(coords.length).toBe(new Set(coords).size);
        expect(kept.filter((coord) => !coords.includes(coord))).toEqual([]);
      }
    },
    60_000,
  );

  test('what changes meanwhile comes as it is, in the place that it had', async () => {
    const client = new Client();
    for (const coord of ['a', 'b', 'c', 'd']) await client.put(coord, { payload: { n: 1 } });
    const pages: MemoryPage[] = [];
    const change = async () => {
      await client.put('b', { payload: { n: 2 } });
    };
    for await (const one of pagesOf(client, '/memories?order=updated_at&limit=1', change)) pages.push(one);
    const memories = pages.flatMap((one) => one.memories);
    expect(memories.map(({ coord }) => coord)).toEqual(['a', 'b', 'c', 'd']);
    expect(memories[1]?.payload).toEqual({ n: 2 });
  });
});
