import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { load } from '../load.js';
import { CONNECTIONS, THROUGHPUT } from '../measure.js';
import { memoryBody } from '../memories.js';

/** Requests a second of a bare express process that parses the same bodies and does nothing with them. */
export async function bareExpress(): Promise<number> {
  const server = fork(fileURLToPath(new URL('./echo-server.js', import.meta.url)), { stdio: 'inherit' });
  try {
    const [port] = (await once(server, 'message')) as [number];
    const headers = { 'Content-Type': 'application/json' };
    const exchange = (index: number) => ({
      method: 'POST',
      path: '/memories',
      headers,
      body: memoryBody(`m${index}`, index),
    });
    const url = `http://127.0.0.1:${port}`;
    await load({ url, connections: 8, most: { requests: 300, ms: 5_000 }, exchange, expected: 202 });
    const { perSecond } = await load({
      url,
      connections: CONNECTIONS,
      most: THROUGHPUT,
      exchange,
      expected: 202,
    });
    return perSecond;
  } finally {
    server.kill();
  }
}
