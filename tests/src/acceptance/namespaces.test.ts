import { describe, expect, test } from '@jest/globals';
import type { GraphAnswer, MemoryAnswer, WriteResult } from './answers.js';
import { Client, coordsOf } from './client.js';
import { expectProblem } from './expect-problem.js';

describe('namespaces', () => {
  test('share no memory, search result or link', async () => {
    const [one, two] = [new Client(), new Client()];
    await one.remember('a', 'the secret harbour');
    await one.remember('b', 'another harbour');
    await one.call('POST', '/graph/links?until=indexed', { json: { from_coord: 'a', to_coord: 'b' } });
    await two.remember('c', 'a public harbour');

    expectProblem(await two.get('a'), 404, 'memory_not_found');
    expect(coordsOf(await two.search({ query: 'harbour', top_k: 100 }))).toEqual(['c']);
    const many = await two.call<{ memories: (MemoryAnswer | null)[] }>('POST', '/memories/get', {
      json: { coords: ['a', 'c'] },
    });
    expect(many.body.memories.map((memory) => memory?.coord ?? null)).toEqual([null, 'c']);
    const neighbors = await two.call<GraphAnswer>('GET', '/graph/neighbors?coord=a');
    expect(neighbors.body).toEqual({ nodes: [], links: [] });
    expect(neighbors.text).not.toContain('harbour');
  });

  test('hold different memories under one coord', async () => {
    const [one, two] = [new Client(), new Client()];
    await one.put('m', { payload: { of: 'one' } });
    await two.put('m', { payload: { of: 'two' } });
    await one.delete('m');
    expect((await two.get('m')).body.memory.payload).toEqual({ of: 'two' });
    expect((await two.put('m', { payload: {} })).body.version).toBe(2);
  });

  test('the single token means default when none is named', async () => {
    const coord = `no-namespace-${Date.now()}`;
    const named = new Client({ namespace: 'default' });
    const answer = await named.call<WriteResult>('PUT', `/memories/${coord}`, {
      json: { payload: {} },
      headers: { 'Soma-Namespace': null },
    });
    expect(answer.body.namespace).toBe('default');
    expect((await named.get(coord)).status).toBe(200);
    await named.delete(coord);
  });

  test('are listed once they hold something, and default in any case', async () => {
    const names = async (client: Client) => {
      const listed = await client.call<{ namespaces: { namespace: string }[] }>(
        'GET',
        '/namespaces?limit=10000',
      );
      expect(listed.status).toBe(200);
      return listed.body.namespaces.map(({ namespace }) => namespace);
    };
    const client = new Client();
    expect(await names(client)).not.toContain(client.namespace);
    await client.put('m', { payload: {} });
    const found = await names(client);
    expect(found).toEqual(expect.arrayContaining([client.namespace, 'default']));
    expect(new Set(found).size).toBe(found.length);
    await client.delete('m');
    expect(await names(client)).not.toContain(client.namespace);
  });

  test('come in pages', async () => {
    const client = new Client();
    await client.put('m', { payload: {} });
    const found: string[] = [];
    let cursor = '';
    do {
      const { body } = await client.call<{ namespaces: { namespace: string }[]; next_cursor: string | null }>(
        'GET',
        `/namespaces?limit=7${cursor}`,
      );
      found.push(...body.namespaces.map(({ namespace }) => namespace));
      cursor = body.next_cursor === null ? '' : `&cursor=${encodeURIComponent(body.next_cursor)}`;
    } while (cursor !== '');
    expect(found).toContain(client.namespace);
    expect(found).toContain('default');
    expect(new Set(found).size).toBe(found.length);
    expectProblem(await client.call('GET', '/namespaces?cursor=x'), 400, 'invalid_cursor');
  });

  test.each(['Upper', '-dash', '.dot', 'a b', 'a/b', 'x'.repeat(64), ''])(
    '%j is no namespace',
    async (name) => {
      const client = new Client({ namespace: name });
      const problem = expectProblem(await client.put('m', { payload: {} }), 400, 'invalid_request');
      expect(problem.errors?.[0]?.header?.toLowerCase()).toBe('soma-namespace');
    },
  );

  test.each(['Soma-Namespaces', 'Soma-Name-Space', 'Soma-Anything'])(
    'the misspelled header %s is refused',
    async (name) => {
      const client = new Client();
      const options = { headers: { [name]: 'elsewhere' } };
      expectProblem(await client.put('m', { payload: {} }, options), 400, 'invalid_request');
      expectProblem(await client.get('m', { [name]: 'elsewhere' }), 400, 'invalid_request');
      expectProblem(await client.get('m'), 404, 'memory_not_found');
    },
  );
});
