import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { makeDataDir, startCluster, startStandalone, whyMissing, type System } from '@soma/tests/system';
import Table from 'cli-table3';
import { memoryBody } from '../memories.js';
import { percentile } from '../percentile.js';
import { UNLIMITED } from '../profiles.js';

/*
 * npm run bench:feed [-- --writes 2000 --rate 100]: how long after its 201 a write is told by GET /events, and by a
 * webhook. Both listen at once; a negative time was told before its writer had the answer.
 */

const { values } = parseArgs({
  options: { writes: { type: 'string', default: '2000' }, rate: { type: 'string', default: '100' } },
});
const [writes, rate] = [Number(values.writes), Number(values.rate)];
if (!(writes > 0 && rate > 0)) throw new RangeError('--writes and --rate are numbers');

const env = { ...UNLIMITED, SOMA_WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' };
const table = new Table({ head: [`${writes} writes, ${rate}/s`, 'told by', 'told', 'p50 ms', 'p99 ms'] });
const dataDir = await makeDataDir();
const standalone = await startStandalone({ dataDir: dataDir.path, env });
await measure('standalone', standalone).finally(async () => {
  await standalone.stop();
  await dataDir.remove();
});
const missing = whyMissing('kafka') ?? whyMissing('redis');
if (missing === undefined) {
  const cluster = await startCluster({ env });
  await measure('cluster', cluster).finally(() => cluster.stop());
} else console.log(`cluster left out: ${missing}`);
console.log(table.toString());

async function measure(profile: string, { url, token }: System): Promise<void> {
  const headers = {
    authorization: `Bearer ${token}`,
    'soma-namespace': 'bench',
    'content-type': 'application/json',
  };
  const answered = new Map<string, number>();
  const byFeed = new Map<string, number>();
  const byWebhook = new Map<string, number>();
  const receiver = createServer((request, response) => {
    void text(request).then((body) => {
      const { data } = JSON.parse(body) as { data: { coord: string } };
      byWebhook.set(data.coord, performance.now());
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const to = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  await fetch(`${url}/webhooks`, { method: 'POST', headers, body: JSON.stringify({ url: to }) });
  const stream = await fetch(`${url}/events`, { headers: { ...headers, accept: 'text/event-stream' } });
  const reading = readFeed(stream, byFeed);
  // The webhook is taken up within a second.
  await sleep(2_000);
  const writing: Promise<unknown>[] = [];
  const began = performance.now();
  for (let n = 0; n < writes; n += 1) {
    await sleep(Math.max(0, began + (n * 1000) / rate - performance.now()));
    writing.push(write(`${url}/memories`, headers, `m${n}`, n, answered).catch((error: unknown) => error));
  }
  const failed = (await Promise.all(writing)).find((outcome) => outcome instanceof Error);
  if (failed !== undefined) throw failed;
  const deadline = performance.now() + 60_000;
  while ((byFeed.size < writes || byWebhook.size < writes) && performance.now() < deadline) await sleep(20);
  receiver.closeAllConnections();
  receiver.close();
  for (const [name, told] of [
    ['events', byFeed],
    ['webhook', byWebhook],
  ] as const) {
    const times = [...told].map(([coord, at]) => at - (answered.get(coord) ?? Number.NaN));
    const [p50, p99] = [0.5, 0.99].map((share) => percentile(times, share).toFixed(1));
    table.push([profile, name, told.size, p50, p99]);
  }
  await stream.body?.cancel().catch(() => undefined);
  await reading;
}

async function write(
  url: string,
  headers: Record<string, string>,
  coord: string,
  n: number,
  answered: Map<string, number>,
): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, prefer: 'wait=30' },
    body: memoryBody(coord, n),
  });
  answered.set(coord, performance.now());
  if (response.status !== 201) throw new Error(`a write was answered with ${response.status}`);
  await response.arrayBuffer();
}

async function readFeed({ body }: Response, told: Map<string, number>): Promise<void> {
  let rest = '';
  const chunks = (body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream());
  for await (const chunk of chunks as unknown as AsyncIterable<string>) {
    const blocks = `${rest}${chunk}`.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, coord] = /^data: \{"coord":"([^"]+)"/m.exec(block) ?? [];
      if (coord !== undefined) told.set(coord, performance.now());
    }
    if (told.size >= writes) return;
  }
}
