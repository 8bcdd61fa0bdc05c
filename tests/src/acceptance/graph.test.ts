import { beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import type { GraphAnswer, WriteResult } from './answers.js';
import { Client } from './client.js';
import { expectProblem } from './expect-problem.js';

function link(client: Client, json: JsonObject, query = '') {
  return client.call<WriteResult>('POST', `/graph/links${query}`, { json });
}

function neighbors(client: Client, query: string) {
  return client.call<GraphAnswer>('GET', `/graph/neighbors?${query}`);
}

function path(client: Client, from: string, to: string, more = '') {
  return client.call<GraphAnswer>('GET', `/graph/path?from_coord=${from}&to_coord=${to}${more}`);
}

function pairsOf({ body }: { body: GraphAnswer }): string[] {
  return body.links.map(({ from_coord, to_coord }) => `${from_coord}-${to_coord}`).sort();
}

async function clientWith(coords: string[]): Promise<Client> {
  const client = new Client();
  const operations = coords.map((coord) => ({ op: 'put', coord, payload: {} }));
  await client.call('POST', '/memories/batch', { json: { operations } });
  return client;
}

describe('links', () => {
  test('are made, replaced and removed', async () => {
    const client = await clientWith(['a', 'b']);
    const made = await link(client, { from_coord: 'a', to_coord: 'b' });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ok: true, status: 'stored' });
    expect(made.headers.get('soma-consistency-token')).toBeTruthy();
    expect((await neighbors(client, 'coord=a')).body.links[0]).toMatchObject({
      from_coord: 'a',
      to_coord: 'b',
      type: 'related',
      weight: 1,
      properties: {},
    });
    const replaced = await link(client, {
      from_coord: 'a',
      to_coord: 'b',
      weight: 2.5,
      properties: { why: 'x' },
    });
    expect(replaced.status).toBe(200);
    const { body } = await neighbors(client, 'coord=a');
    expect(body.links).toHaveLength(1);
    expect(body.links[0]).toMatchObject({ weight: 2.5, properties: { why: 'x' } });
    const remove = () =>
      client.call<WriteResult>('DELETE', '/graph/links?from_coord=a&to_coord=b&type=related');
    expect((await remove()).body.deleted).toBe(true);
    expect((await remove()).body.deleted).toBe(false);
    expect((await neighbors(client, 'coord=a')).body.links).toEqual([]);
  });

  test('of two types stand beside each other', async () => {
    const client = await clientWith(['a', 'b']);
    await link(client, { from_coord: 'a', to_coord: 'b', type: 'knows' });
    await link(client, { from_coord: 'a', to_coord: 'b', type: 'likes' });
    expect((await neighbors(client, 'coord=a')).body.links).toHaveLength(2);
    expect((await neighbors(client, 'coord=a&type=likes')).body.links).toHaveLength(1);
  });

  test('may name memories that are not there yet, and show them once they are', async () => {
    const client = await clientWith(['a']);
    expect((await link(client, { from_coord: 'a', to_coord: 'later' })).status).toBe(201);
    expect((await neighbors(client, 'coord=a')).body.links).toEqual([]);
    await client.put('later', { payload: {} });
    expect(pairsOf(await neighbors(client, 'coord=a'))).toEqual(['a-later']);
  });

  test('take any spelling of a coordinate', async () => {
    const client = await clientWith(['1.0', '2.0']);
    await link(client, { from_coord: '1', to_coord: '2' });
    expect((await neighbors(client, 'coord=1.00')).body.links).toHaveLength(1);
  });

  test('under an Idempotency-Key are made once', async () => {
    const client = await clientWith(['a', 'b']);
    const options = { json: { from_coord: 'a', to_coord: 'b' }, headers: { 'Idempotency-Key': 'link' } };
    const first = await client.call<WriteResult>('POST', '/graph/links', options);
    const again = await client.call<WriteResult>('POST', '/graph/links', options);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  test.each<[JsonObject, string]>([
    [{ from_coord: 'a' }, 'invalid_request'],
    [{ from_coord: 'a', to_coord: 'b', weight: 0 }, 'invalid_request'],
    [{ from_coord: 'a', to_coord: 'b', weight: -1 }, 'invalid_request'],
    [{ from_coord: 'a', to_coord: 'b', weight: 'heavy' }, 'invalid_request'],
    [{ from_coord: 'a', to_coord: 'b', type: '' }, 'invalid_request'],
    [{ from_coord: 'a', to_coord: 'b', type: 'x'.repeat(129) }, 'invalid_request'],
    [{ from_coord: 'a', to_coord: 'b', properties: [] }, 'invalid_request'],
    [{ from_coord: 'a', to_coord: 'b', surprise: 1 }, 'invalid_request'],
    [{ from_coord: 'a b', to_coord: 'b' }, 'invalid_coord'],
    [{ from_coord: 'a', to_coord: 'search' }, 'invalid_coord'],
  ])('%j is refused', async (json, code) => {
    expectProblem(await link(new Client(), json), 400, code);
  });
});

describe('walks', () => {
  let client: Client;

  beforeAll(async () => {
    client = await clientWith(['a', 'b', 'c', 'd', 'e', 'alone']);
    const links: [string, string, number][] = [
      ['a', 'b', 1],
      ['b', 'c', 1],
      ['c', 'd', 1],
      ['d', 'e', 1],
      ['a', 'c', 0.25],
    ];
    for (const [from, to, weight] of links) await link(client, { from_coord: from, to_coord: to, weight });
  });

  test('neighbors follow the direction asked for', async () => {
    expect(pairsOf(await neighbors(client, 'coord=c'))).toEqual(['c-d']);
    expect(pairsOf(await neighbors(client, 'coord=c&direction=in'))).toEqual(['a-c', 'b-c']);
    expect(pairsOf(await neighbors(client, 'coord=c&direction=both'))).toEqual(['a-c', 'b-c', 'c-d']);
  });

  test('neighbors go as deep as asked', async () => {
    expect(pairsOf(await neighbors(client, 'coord=a&depth=2'))).toEqual(['a-b', 'a-c', 'b-c', 'c-d']);
    const { body } = await neighbors(client, 'coord=a&depth=2');
    expect(
      body.nodes
        .map(({ coord }) => coord)
        .filter((coord) => coord !== 'a')
        .sort(),
    ).toEqual(['b', 'c', 'd']);
  });

  test('neighbors are at most limit', async () => {
    const { body } = await neighbors(client, 'coord=a&depth=4&limit=1');
    expect(body.nodes.filter(({ coord }) => coord !== 'a')).toHaveLength(1);
  });

  test('the path is the cheapest by 1/weight', async () => {
    const { status, body } = await path(client, 'a', 'd');
    expect(status).toBe(200);
    // a → c costs 4 directly and 2 by way of b.
    expect(body.nodes.map(({ coord }) => coord)).toEqual(['a', 'b', 'c', 'd']);
    expect(body.cost).toBeCloseTo(3);
    expect(body.links).toHaveLength(3);
  });

  test('a path no longer than max_depth', async () => {
    const { body } = await path(client, 'a', 'd', '&max_depth=2');
    expect(body.nodes.map(({ coord }) => coord)).toEqual(['a', 'c', 'd']);
    expect(body.cost).toBeCloseTo(5);
    expectProblem(await path(client, 'a', 'e', '&max_depth=2'), 404, 'no_path');
  });

  test('404 no_path against the direction and between strangers', async () => {
    expectProblem(await path(client, 'd', 'a'), 404, 'no_path');
    expectProblem(await path(client, 'a', 'alone'), 404, 'no_path');
  });

  test.each([
    ['/graph/neighbors', 'invalid_request'],
    ['/graph/neighbors?coord=a%20b', 'invalid_coord'],
    ['/graph/neighbors?coord=a&depth=5', 'invalid_request'],
    ['/graph/neighbors?coord=a&depth=0', 'invalid_request'],
    ['/graph/neighbors?coord=a&direction=up', 'invalid_request'],
    ['/graph/neighbors?coord=a&surprise=1', 'invalid_request'],
    ['/graph/path?from_coord=a', 'invalid_request'],
    ['/graph/path?from_coord=a&to_coord=.x', 'invalid_coord'],
    ['/graph/path?from_coord=a&to_coord=b&max_depth=x', 'invalid_request'],
  ])('%s is refused', async (target, code) => {
    expectProblem(await client.call('GET', target), 400, code);
  });
});
