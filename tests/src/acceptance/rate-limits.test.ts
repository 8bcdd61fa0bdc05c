import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../system/index.js';
import { Client, type Answer, type Target } from './client.js';
import { expectProblem } from './expect-problem.js';
import { startLimitedSystem } from './limited-system.js';

const QUOTA = 3;

let limited: { target: Target; stop(): Promise<void> };

beforeAll(async () => {
  const quota = String(QUOTA);
  limited = await startLimitedSystem({
    SOMA_RATE_READ: quota,
    SOMA_RATE_WRITE: quota,
    SOMA_RATE_SEARCH: quota,
    SOMA_RATE_PUBLIC: quota,
  });
});
afterAll(() => limited.stop());

/** More at once than a second allows. */
function burst(send: () => Promise<Answer<unknown>>): Promise<Answer<unknown>[]> {
  return Promise.all(Array.from({ length: QUOTA * 5 }, send));
}

function refusedOf(answers: Answer<unknown>[]): Answer<unknown> {
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(QUOTA);
  for (const answer of refused) expectProblem(answer, 429, 'rate_limited');
  return refused[0] as Answer<unknown>;
}

describe('rates', () => {
  test.each<[string, (client: Client) => Promise<Answer<unknown>>]>([
    ['write', (client) => client.call('POST', '/memories', { json: { payload: {} } })],
    ['read', (client) => client.get('m')],
    ['search', (client) => client.search({ query: 'x' })],
  ])('%s beyond the quota is 429, and says when to come again', async (name, send) => {
    const client = new Client({ target: limited.target });
    const answers = await burst(() => send(client));
    const allowed = answers.filter(({ status }) => status < 429);
    expect(allowed.length).toBeGreaterThanOrEqual(QUOTA);
    for (const { headers } of answers) {
      expect(headers.get('ratelimit-policy')).toBe(`"${name}";q=${QUOTA};w=1`);
      expect(headers.get('ratelimit')).toMatch(new RegExp(`^"${name}";r=\\d+;t=\\d+$`));
    }
    expect(Number(refusedOf(answers).headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    await until('the next second', 5_000, async () => (await send(client)).status < 429);
  });

  test('a public route that is starved starves no other', async () => {
    const client = new Client({ target: limited.target });
    const open = (path: string) => client.call('GET', path, { headers: { Authorization: null } });
    refusedOf(await burst(() => open('/ping')));
    expect((await open('/healthz')).status).toBe(200);
  });

  test('failed attempts to authenticate use a bucket of the address', async () => {
    const client = new Client({ target: limited.target });
    const answers = await burst(() => client.get('m', { Authorization: 'Bearer wrong' }));
    refusedOf(answers);
    expect(answers.filter(({ status }) => status === 401).length).toBeGreaterThan(0);
  });
});
