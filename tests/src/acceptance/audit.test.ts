import { expect, test } from '@jest/globals';
import { Client } from './client.js';
import { expectProblem } from './expect-problem.js';
import { granted } from './granted.js';

interface Act {
  id: number;
  at: string;
  request_id: string;
  subject: string;
  action: string;
  address: string;
  namespace: string | null;
  target: string | null;
  status: number | null;
  code: string | null;
}
interface Page {
  acts: Act[];
  next_cursor: string | null;
}

const operator = new Client();
const actsOf = async (subject: string, query = '') =>
  (await operator.call<Page>('GET', `/admin/audit?subject=${encodeURIComponent(subject)}${query}`)).body;

test('every act of an operator is there: who, what, on what, when, from where, and how it ended', async () => {
  const { client, token_id } = await granted('unused', { role: 'admin', namespaces: ['*'] });
  const subject = `token:${token_id}`;
  const rolled = await client.call('POST', '/admin/reindex/finish');
  const job = (rolled.body as { job: { job_id: string } }).job.job_id;
  await client.call('POST', `/admin/jobs/${job}/cancel`);
  const missing = '/admin/tokens/00000000-0000-7000-8000-000000000000/revoke';
  expectProblem(await client.call('POST', missing), 404, 'token_not_found');
  const written = await client.put('secret-coord', { payload: { text: 'secret-content' } });
  const erased = await client.delete('secret-coord', '?erase=true');
  await client.call('GET', '/admin/jobs');

  const { acts, next_cursor } = await actsOf(subject);
  expect(next_cursor).toBeNull();
  expect(acts.map(({ action, target, status, code }) => [action, target, status, code])).toEqual([
    ['deleteMemory', erased.body.operation_id, 200, null],
    ['revokeToken', '00000000-0000-7000-8000-000000000000', 404, 'token_not_found'],
    ['cancelJob', job, 200, null],
    ['finishReindex', job, 202, null],
  ]);
  expect(acts[0]).toMatchObject({
    subject,
    namespace: client.namespace,
    request_id: erased.headers.get('x-request-id'),
    address: expect.stringContaining('127.0.0.1'),
  });
  expect(written.status).toBe(201);
  expect(JSON.stringify(acts)).not.toMatch(/secret-coord|secret-content/);
});

test('acts come in pages, newest first, each once', async () => {
  const { client, token_id } = await granted('unused', { role: 'admin', namespaces: ['*'] });
  const namespaces = Array.from({ length: 5 }, (_, at) => `${client.namespace}-${at}`);
  for (const namespace of namespaces)
    await client.call('PUT', `/admin/quotas/${namespace}`, { json: { memories: 5 } });
  const seen: (string | null)[] = [];
  let cursor = '';
  for (;;) {
    const { acts, next_cursor } = await actsOf(`token:${token_id}`, `&limit=2${cursor}`);
    seen.push(...acts.map(({ target }) => target));
    if (next_cursor === null) break;
    cursor = `&cursor=${next_cursor}`;
  }
  expect(seen).toEqual(namespaces.toReversed());
  const other = await operator.call('GET', `/admin/audit?limit=2${cursor}`);
  expectProblem(other, 400, 'invalid_cursor');
});
