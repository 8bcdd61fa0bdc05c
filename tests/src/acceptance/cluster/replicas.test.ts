import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startGateway, startMigratedPostgres, until, untilReady } from '../../system/index.js';
import { Client, target, type Target } from '../client.js';
import { expectProblem } from '../expect-problem.js';
import { granted } from '../granted.js';

/** Beside the gateway that the tests share: one more on the same stores. */
let other: Awaited<ReturnType<typeof startGateway>>;
let replica: Target;
beforeAll(async () => {
  const settings = JSON.parse(process.env['SOMA_ACCEPTANCE_SETTINGS'] ?? '{}') as Record<string, string>;
  other = await startGateway(settings);
  await untilReady(other.process, other.opsUrl);
  replica = { url: other.apiUrl, token: target().token };
});
afterAll(() => other.process.stop());

const ROUNDS = 40;

function percentile(sorted: readonly number[], part: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0).toFixed(0);
}

/** How long after the answer to `change` the replica answers with that status; milliseconds. */
async function effectOf(change: () => Promise<unknown>, client: Client, status: number): Promise<number> {
  await change();
  const answered = performance.now();
  await until(
    `the replica to answer ${status}`,
    5_000,
    async () => (await client.get('none')).status === status,
  );
  return performance.now() - answered;
}

test('a token that is made or revoked at one gateway counts at another within a second', async () => {
  const operator = new Client();
  const [made, revoked]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const { token_id, secret, client } = await granted(operator.namespace);
    const there = new Client({ namespace: client.namespace, target: { ...replica, token: secret } });
    made.push(await effectOf(() => Promise.resolve(), there, 404));
    const revoke = () => operator.call('POST', `/admin/tokens/${token_id}/revoke`);
    revoked.push(await effectOf(revoke, there, 401));
  }
  for (const [what, times] of [
    ['making', made],
    ['revocation', revoked],
  ] as const) {
    times.sort((a, b) => a - b);
    const figures = [0.5, 0.95, 1].map((part) => percentile(times, part)).join(' / ');
    console.error(`${what} to effect at another gateway, ${ROUNDS} times: p50 / p95 / max ${figures} ms`);
    expect(Math.max(...times)).toBeLessThan(1_000);
  }
}, 120_000);

test('while Postgres is out known tokens go on until their age limit, then they are 503 auth_unavailable', async () => {
  const settings = JSON.parse(process.env['SOMA_ACCEPTANCE_SETTINGS'] ?? '{}') as Record<string, string>;
  const postgres = await startMigratedPostgres({ settings: { fsync: 'off' } });
  const own = { ...settings, SOMA_POSTGRES_URL: postgres.url, SOMA_TOKEN_MAX_AGE: '8' };
  const gateway = await startGateway(own);
  await untilReady(gateway.process, gateway.opsUrl);
  const at = { url: gateway.apiUrl, token: target().token };
  const { client } = await granted('team', {}, at);
  // An operation is asked of Postgres: what the answer says tells which of the two is out.
  const ask = () => client.call('GET', '/operations/00000000-0000-7000-8000-000000000000');
  expectProblem(await ask(), 404, 'operation_not_found');
  await postgres.halt();
  const codeOf = async () => ((await ask()).body as { code: string }).code;
  await until('the store to be out', 8_000, async () => (await codeOf()) === 'store_unavailable');
  await until('the tokens to be too old', 20_000, async () => (await codeOf()) === 'auth_unavailable');
  const refused = await ask();
  expectProblem(refused, 503, 'auth_unavailable');
  expect(refused.headers.get('retry-after')).toBeTruthy();
  const single = new Client({ namespace: 'team', target: at });
  const { body } = await single.call('GET', '/operations/00000000-0000-7000-8000-000000000000');
  expect(body).toMatchObject({ code: 'store_unavailable' });
  await gateway.process.stop();
  await postgres.stop();
}, 120_000);
