import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../system/index.js';
import type { Fault } from '../fault.js';
import { OwnClient } from '../tools/own-client.js';
import { LIMIT_MS } from './conditions.js';
import { anyFault } from './for-profile.js';

const TTL_SECONDS = 4;
/** Together they take three times as long as the memory would live without. */
const RENEWALS = 12;
const PAUSE_MS = (TTL_SECONDS * 1_000) / 4;

/** Who holds leases by memories that expire, renews them in time, and must never find one gone. */
export const RENEWED: readonly Fault[] = [
  anyFault({
    name: 'ttl-renewed',
    title: 'the time to live of memories passes while their callers renew them',
    overlaps: true,
    run: async (tools, arena) => {
      const client = new OwnClient(tools, 'own-leases');
      const coord = `lease-${arena.random.whole(1, 1e9)}`;
      const path = `/memories/${coord}`;
      const body = (n: number) => ({ payload: { text: `lease ${n}` }, ttl_seconds: TTL_SECONDS });
      await client.until([200, 201], 'PUT', path, body(0));
      let lapses = 0;
      for (let n = 1; n <= RENEWALS; n += 1) {
        await sleep(PAUSE_MS);
        const renewedAt = performance.now();
        const renewed = await client.until([200, 201], 'PUT', path, body(n));
        // The machine may be too slow to renew in time, which is no fault of the product.
        const inTime = performance.now() - renewedAt < (TTL_SECONDS * 1_000) / 2;
        const token = renewed.headers.get('soma-consistency-token') ?? '';
        const read = await client.until([200, 404], 'GET', path, undefined, {
          'soma-consistency-token': token,
        });
        if (read.status === 404 && inTime && performance.now() - renewedAt < TTL_SECONDS * 1_000) {
          throw new Error(`${coord} was gone right after renewal ${n}`);
        }
        if (renewed.status === 201) lapses += 1;
      }
      arena.say(`${RENEWALS} renewals, ${lapses} of them too late`);
      await until(
        'the lease to expire',
        LIMIT_MS,
        async () => (await client.ask('GET', path)).status === 404,
      );
      arena.healed();
      await client.until([201], 'PUT', path, body(0), { 'if-none-match': '*' });
      await client.until([200], 'DELETE', path);
    },
  }),
];
