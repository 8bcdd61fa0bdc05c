import { describe, expect, test } from '@jest/globals';
import type { GraphAnswer, MemoryAnswer } from './answers.js';
import { Client, coordsOf, tokenOf } from './client.js';
import { expectProblem } from './expect-problem.js';

describe('deleting a memory', () => {
  test('says whether there was something to delete', async () => {
    const client = new Client();
    await client.put('m', { payload: {} });
    const first = await client.delete('m');
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({ coord: 'm', ok: true, status: 'stored', deleted: true, version: 2 });
    const second = await client.delete('m');
    expect([second.status, second.body.deleted]).toEqual([200, false]);
  });

  test('it is gone from every read at once', async () => {
    const client = new Client();
    await client.put('m', { payload: {} });
    await client.get('m');
    await client.delete('m');
    expectProblem(await client.get('m'), 404, 'memory_not_found');
    const many = await client.call<{ memories: (MemoryAnswer | null)[] }>('POST', '/memories/get', {
      json: { coords: ['m'] },
    });
    expect(many.body.memories).toEqual([null]);
  });

  test('it is gone from searches', async () => {
    const client = new Client();
    await client.remember('stays', 'zebras graze on the plain');
    await client.remember('goes', 'zebras sleep on the plain');
    const deleted = await client.delete('goes');
    const answer = await client.search(
      { query: 'zebras plain' },
      { 'Soma-Consistency-Token': tokenOf(deleted) },
    );
    expect(coordsOf(answer)).toEqual(['stays']);
  });

  test('it is gone from searches without any token once until=indexed is answered', async () => {
    const client = new Client();
    await client.remember('goes', 'a walrus on the ice');
    const deleted = await client.delete('goes', '?until=indexed');
    expect(deleted.body.status).toBe('indexed');
    expect(coordsOf(await client.search({ query: 'walrus' }))).toEqual([]);
  });

  test('its links are gone, also after it is made again', async () => {
    const client = new Client();
    for (const coord of ['a', 'b', 'c']) await client.put(coord, { payload: {} });
    for (const to of ['b', 'c']) {
      await client.call('POST', '/graph/links', { json: { from_coord: 'a', to_coord: to } });
    }
    await client.delete('b', '?until=indexed');
    await client.put('b', { payload: {} }, { query: '?until=indexed' });
    const { body } = await client.call<GraphAnswer>('GET', '/graph/neighbors?coord=a');
    expect(body.links.map(({ to_coord }) => to_coord)).toEqual(['c']);
  });

  test('carries out only under its condition', async () => {
    const client = new Client();
    await client.put('m', { payload: {} });
    const stale = await client.call('DELETE', '/memories/m', { headers: { 'If-Match': '"9"' } });
    expectProblem(stale, 412, 'version_conflict');
    expect((await client.get('m')).status).toBe(200);
    const fresh = await client.call('DELETE', '/memories/m', { headers: { 'If-Match': '"1"' } });
    expect(fresh.status).toBe(200);
    const absent = await client.call('DELETE', '/memories/m', { headers: { 'If-Match': '*' } });
    expectProblem(absent, 412, 'version_conflict');
  });
});
