import { expect, test } from '@jest/globals';
import type { JsonObject } from '@soma/memory';
import { until } from '../system/index.js';
import type { BatchAnswer } from './answers.js';
import { Client } from './client.js';
import { expectProblem } from './expect-problem.js';

interface QuotaAnswer {
  quota: { memories: { limit: number | null; used: number }; bytes: { limit: number | null; used: number } };
}

const operator = new Client();
const quotaOf = async ({ namespace }: Client) =>
  (await operator.call<QuotaAnswer>('GET', `/admin/quotas/${namespace}`)).body.quota;

/** Sets a quota that leaves no room for one more memory of 1,000 bytes, and waits until writers hold to it. */
async function limit(client: Client, quota: JsonObject): Promise<void> {
  const set = await operator.call('PUT', `/admin/quotas/${client.namespace}`, { json: quota });
  expect(set.status).toBe(200);
  await until('the quota to count', 5_000, async () => {
    const probe = await client.put('probe', { payload: {}, text: 'x'.repeat(1_000) });
    if (probe.status === 403) return true;
    await client.delete('probe');
    return false;
  });
}

test('a namespace holds no more memories than it may; others go on', async () => {
  const client = new Client();
  await client.put('a', { payload: { n: 1 } });
  await client.put('b', { payload: { n: 1 } });
  await limit(client, { memories: 2 });
  expectProblem(await client.put('c', { payload: {} }), 403, 'quota_exceeded');
  expect(await quotaOf(client)).toMatchObject({ memories: { limit: 2, used: 2 } });

  expect((await client.put('a', { payload: { n: 2 } })).status).toBe(200);
  expect((await new Client().put('c', { payload: {} })).status).toBe(201);
  await client.delete('b');
  expect((await client.put('c', { payload: {} })).status).toBe(201);
  const operations = [
    { op: 'put', coord: 'd', payload: {} },
    { op: 'put', coord: 'a', payload: { n: 3 } },
  ];
  const { body } = await client.call<BatchAnswer>('POST', '/memories/batch', { json: { operations } });
  expect(body.results).toMatchObject([{ ok: false, error: { code: 'quota_exceeded' } }, { ok: true }]);
});

test('a namespace holds no more bytes than it may, and a refused write takes nothing', async () => {
  const client = new Client();
  await client.put('a', { payload: {}, text: 'x'.repeat(100) });
  expect(await quotaOf(client)).toMatchObject({ memories: { used: 1 }, bytes: { used: 102 } });
  await limit(client, { bytes: 200 });
  expectProblem(await client.put('b', { payload: {}, text: 'x'.repeat(99) }), 403, 'quota_exceeded');
  expect((await client.put('a', { payload: {}, text: 'x'.repeat(50) })).status).toBe(200);
  expect(await quotaOf(client)).toMatchObject({ memories: { used: 1 }, bytes: { used: 52 } });
});

test('without a quota a namespace holds any number again', async () => {
  const client = new Client();
  await limit(client, { memories: 0 });
  await operator.call('DELETE', `/admin/quotas/${client.namespace}`);
  await until(
    'the quota to be gone',
    5_000,
    async () => (await client.put('a', { payload: {} })).status === 201,
  );
});
