import { createPostgresLedger } from '@soma/ledger/postgres';
import { createPool } from '@soma/postgres';
import { createTestDatabase } from '@soma/testing';
import { test } from '@jest/globals';
import { batchOf, storeCommand } from '../contract/index.js';
import { createPostgresMemoryStore } from './index.js';
test('bench', async () => {
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, maxConnections: 8, applicationName: 'test' }, () => undefined);
  const store = createPostgresMemoryStore({ pool });
  const ledger = createPostgresLedger({ pool });
  await ledger.maintain(8);
  const text = 'some words that say what has happened today in the office of the tax collector '.repeat(7).slice(0, 540);
  const out: string[] = [];
  const { readFileSync } = await import('node:fs');
  const pool1 = createPool({ url: database.url, maxConnections: 1, applicationName: 'one' }, () => undefined);
  const one = createPostgresMemoryStore({ pool: pool1 });
  const pid = (await pool1.query('select pg_backend_pid() as pid')).rows[0].pid as number;
  const cpu = () => { const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' '); return (Number(f[11]) + Number(f[12])) * 10; };
  for (const variant of ['as is', 'no gin']) {
    if (variant === 'no gin') await pool.query('drop index memories_by_text');
    for (const [size, total] of [[1, 300], [50, 3000], [500, 5000]] as const) {
      const owner = await ledger.claim('writer', 'memory.commands', 0);
      let pos = owner.position + 1;
      const c0 = cpu(), u0 = process.cpuUsage(), t0 = performance.now();
      for (let n = 0; n < total; n += size) {
        await one.apply(batchOf(owner, pos, Array.from({ length: size }, (_, i) => storeCommand(`p${0}k${pos + i}`, { payload: { text: text + pos } }))));
        pos += size;
      }
      const u = process.cpuUsage(u0);
      out.push(`${variant} batch ${size}: wall ${((performance.now() - t0) / total * 1000).toFixed(0)} us, postgres cpu ${((cpu() - c0) / total * 1000).toFixed(0)} us, node cpu ${((u.user + u.system) / total).toFixed(0)} us per command`);
    }
  }
  await pool1.end();
  process.stderr.write(out.join('\n') + '\n');
  await pool.end(); await database.drop();
}, 120000);
