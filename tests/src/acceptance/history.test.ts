import { describe, expect, test } from '@jest/globals';
import type { HistoryPage, MemoryAnswer } from './answers.js';
import { Client, tokenOf } from './client.js';
import { expectProblem } from './expect-problem.js';
import { page, pagesOf } from './pages.js';

const past = (client: Client, coord: string, query: string) =>
  client.call<{ memory: MemoryAnswer }>('GET', `/memories/${coord}?${query}`);

describe('the history of a memory', () => {
  test('has each version, newest first, with operation, sender and time', async () => {
    const client = new Client();
    const first = await client.put('m', { payload: { n: 1 } });
    const second = await client.call<{ operation_id: string }>('PATCH', '/memories/m', {
      json: { payload: { n: 2 } },
    });
    const deleted = await client.delete('m');
    const again = await client.put('m', { payload: { n: 4 } });
    const { body } = await page<HistoryPage>(client, '/memories/m/history');
    expect(body).toEqual({
      next_cursor: null,
      versions: [
        [4, again, { n: 4 }],
        [3, deleted, null],
        [2, second, { n: 2 }],
        [1, first, { n: 1 }],
      ].map(([version, written, payload]) => ({
        version,
        at: expect.stringMatching(/^\d{4}-.*Z$/),
        operation_id: (written as { body: { operation_id: string } }).body.operation_id,
        issuer: 'api-token',
        deleted: payload === null,
        memory: payload === null ? null : expect.objectContaining({ coord: 'm', version, payload }),
      })),
    });
  });

  test('comes in pages, each version once while others write', async () => {
    const client = new Client();
    for (let n = 1; n <= 7; n += 1) await client.put('m', { payload: { n } });
    const versions: number[] = [];
    const write = async () => {
      await client.put('m', { payload: {} });
    };
    for await (const one of pagesOf<HistoryPage>(client, '/memories/m/history?limit=2', write)) {
      versions.push(...one.versions.map(({ version }) => version));
    }
    expect(versions).toEqual([7, 6, 5, 4, 3, 2, 1]);
    const { body } = await page<HistoryPage>(client, '/memories/m/history?limit=2');
    const cursor = encodeURIComponent(body.next_cursor ?? '');
    await client.put('other', { payload: {} });
    expectProblem(await page(client, `/memories/other/history?cursor=${cursor}`), 400, 'invalid_cursor');
  });

  test('of what never was is 404, and a token is heeded', async () => {
    const client = new Client();
    expectProblem(await page(client, '/memories/m/history'), 404, 'memory_not_found');
    expectProblem(await page(client, '/memories/1,,2/history'), 400, 'invalid_coord');
    const written = await client.put('m', { payload: {} }, { query: '?until=accepted' });
    const headers = { 'Soma-Consistency-Token': tokenOf(written), Prefer: 'wait=20' };
    const { body } = await page<HistoryPage>(client, '/memories/m/history', headers);
    expect(body.versions).toHaveLength(1);
  });
});

describe('a memory as it was', () => {
  test('is read by its version, with the ETag of that', async () => {
    const client = new Client();
    const first = await client.put('m', { payload: { n: 1 } });
    await client.put('m', { payload: { n: 2 } });
    const read = await past(client, 'm', 'version=1');
    expect(read.body.memory).toMatchObject({ version: 1, payload: { n: 1 } });
    expect(read.headers.get('etag')).toBe(first.headers.get('etag'));
    expect((await past(client, 'm', 'version=2')).body).toEqual((await client.get('m')).body);
    expectProblem(await past(client, 'm', 'version=3'), 404, 'memory_not_found');
    expectProblem(await past(client, 'none', 'version=1'), 404, 'memory_not_found');
  });

  test('is read as of a time', async () => {
    const client = new Client();
    await client.put('m', { payload: { n: 1 } });
    const { created_at } = (await client.get('m')).body.memory;
    await client.put('m', { payload: { n: 2 } });
    await client.delete('m');
    const at = (time: number | string) =>
      past(client, 'm', `as_of=${encodeURIComponent(new Date(time).toISOString())}`);
    expect((await at(created_at)).body.memory.payload).toEqual({ n: 1 });
    expectProblem(await at(Date.parse(created_at) - 1), 404, 'memory_not_found');
    expectProblem(await at(Date.now() + 60_000), 404, 'memory_not_found');
    const { body } = await page<HistoryPage>(client, '/memories/m/history');
    const [deletion, second] = body.versions;
    expect((await at(second?.at ?? '')).body.memory.payload).toEqual({ n: 2 });
    expectProblem(await at(deletion?.at ?? ''), 404, 'memory_not_found');
  });

  test('is gone for good when it was erased', async () => {
    const client = new Client();
    await client.put('m', { payload: { n: 1 } });
    await client.delete('m', '?erase=true');
    expectProblem(await past(client, 'm', 'version=1'), 410, 'history_expired');
    const { body } = await page<HistoryPage>(client, '/memories/m/history');
    expect(body.versions).toMatchObject([{ version: 2, deleted: true, memory: null }]);
  });

  test.each(['version=0', 'version=one', 'as_of=yesterday', 'version=1&as_of=2024-01-01T00:00:00Z'])(
    '%s is refused',
    async (query) => {
      expectProblem(await past(new Client(), 'm', query), 400, 'invalid_request');
    },
  );
});
