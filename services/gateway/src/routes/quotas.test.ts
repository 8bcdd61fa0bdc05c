import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startGateway, type RunningGateway } from '../test/running-gateway.js';

let running: RunningGateway;
let call: RunningGateway['call'];
beforeAll(async () => {
  running = await startGateway({ SOMA_RATE_ADMIN: '10000' });
  call = running.call;
});
afterAll(() => running.stop());

const quotaOf = async (namespace: string) => (await call('GET', `/admin/quotas/${namespace}`)).json['quota'];

test('a quota is set, shown, changed and removed', async () => {
  const set = await call('PUT', '/admin/quotas/team', { body: { memories: 100 } });
  expect(set).toMatchObject({
    status: 200,
    json: {
      quota: {
        namespace: 'team',
        memories: { limit: 100, used: 0 },
        bytes: { limit: null, used: 0 },
        changed_by: 'api-token',
      },
    },
  });
  await call('PUT', '/admin/quotas/team', { body: { bytes: 0 } });
  expect(await quotaOf('team')).toMatchObject({ memories: { limit: null }, bytes: { limit: 0 } });
  expect((await call('DELETE', '/admin/quotas/team')).status).toBe(200);
  expect(await quotaOf('team')).toMatchObject({ bytes: { limit: null }, changed_at: null });
  expect((await call('DELETE', '/admin/quotas/team')).status).toBe(200);
  expect(running.audit.acts).toMatchObject([
    { action: 'setQuota', target: 'team' },
    { action: 'setQuota', target: 'team' },
    { action: 'removeQuota', target: 'team' },
    { action: 'removeQuota', target: 'team' },
  ]);
});

test.each([
  {},
  { memories: null },
  { memories: -1 },
  { bytes: 1.5 },
  { bytes: '5' },
  { memories: 1, links: 1 },
])('a quota of %j is 400', async (body) => {
  expect(await call('PUT', '/admin/quotas/bad', { body })).toMatchObject({
    status: 400,
    json: { code: 'invalid_request' },
  });
  expect(await quotaOf('bad')).toMatchObject({ memories: { limit: null }, bytes: { limit: null } });
});

test('what is no namespace has none', async () => {
  for (const method of ['GET', 'DELETE'])
    expect(await call(method, '/admin/quotas/No')).toMatchObject({ status: 400 });
});

test('come in pages', async () => {
  for (const namespace of ['c', 'a', 'b'])
    await call('PUT', `/admin/quotas/${namespace}`, { body: { memories: 1 } });
  const names = (json: unknown) =>
    (json as { quotas: { namespace: string }[] }).quotas.map(({ namespace }) => namespace);
  const first = await call('GET', '/admin/quotas?limit=2');
  expect(names(first.json)).toEqual(['a', 'b']);
  const rest = await call('GET', `/admin/quotas?limit=2&cursor=${first.json['next_cursor'] as string}`);
  expect(names(rest.json)).toEqual(['c']);
  expect(rest.json['next_cursor']).toBeNull();
  expect(await call('GET', '/admin/quotas?cursor=x')).toMatchObject({ json: { code: 'invalid_cursor' } });
});
