import { parseArgs } from 'node:util';
import { GrpcClient } from '@soma/testing/grpc';
import { makeDataDir, startStandalone } from '@soma/tests/system';
import Table from 'cli-table3';
import { percentile } from '../percentile.js';
import { UNLIMITED } from '../profiles.js';

/*
 * npm run bench:grpc [-- --calls 1000]: how long a put and a search take over REST and over gRPC, one at a time and in
 * any order against one standalone.
 */

const { values } = parseArgs({ options: { calls: { type: 'string', default: '1000' } } });
const calls = Number(values.calls);
if (!(calls > 0)) throw new RangeError('--calls is a number');

const dataDir = await makeDataDir();
const standalone = await startStandalone({ dataDir: dataDir.path, env: UNLIMITED });
const { url, token } = standalone;
const metadata = { authorization: `Bearer ${token}`, 'soma-namespace': 'bench' };
const grpc = new GrpcClient(new URL(url).host, metadata);

async function rest(path: string, body: object): Promise<void> {
  const headers = { ...metadata, 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}`);
  await response.arrayBuffer();
}

const SENTENCE = 'Ada prefers green tea in the morning and walks to the harbour';
const QUERY = { query: 'what does Ada drink', top_k: 5 };
const ways: Record<string, (n: number) => Promise<unknown>> = {
  'REST put': (n) => rest('/memories', { coord: `r${n % 500}`, text: `${SENTENCE} ${n}` }),
  'gRPC put': (n) => grpc.call('Put', { memory: { coord: `g${n % 500}`, text: `${SENTENCE} ${n}` } }),
  'REST search': () => rest('/memories/search', QUERY),
  'gRPC search': () => grpc.call('Search', QUERY),
};

/** What comes right after a write finds the indexer at work, whichever that is. */
function inAnyOrder<T>(items: T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

try {
  const times = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  const warmUp = Math.min(100, calls);
  for (let n = -warmUp; n < calls; n += 1) {
    for (const [name, call] of inAnyOrder(Object.entries(ways))) {
      const began = performance.now();
      await call(n + warmUp);
      if (n >= 0) times.get(name)?.push(performance.now() - began);
    }
  }
  const table = new Table({ head: [`${calls} calls`, 'p50 ms', 'p99 ms', 'gRPC ÷ REST, p50'] });
  for (const [name, taken] of times) {
    const p50 = percentile(taken, 0.5);
    const beside = percentile(times.get(name.replace('gRPC', 'REST')) ?? [], 0.5);
    const ratio = name.startsWith('gRPC') ? (p50 / beside).toFixed(2) : '';
    table.push([name, p50.toFixed(1), percentile(taken, 0.99).toFixed(1), ratio]);
  }
  console.log(table.toString());
} finally {
  grpc.close();
  await standalone.stop();
  await dataDir.remove();
}
