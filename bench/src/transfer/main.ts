import { parseArgs } from 'node:util';
import { makeDataDir, startStandalone } from '@soma/tests/system';
import Table from 'cli-table3';
import { memoryBody } from '../memories.js';
import { timed, UNLIMITED } from '../profiles.js';
import { PeakMemory } from './peak-memory.js';

/*
 * npm run bench:transfer [-- --memories 100000]: how fast a namespace goes into a standalone and comes out again by
 * POST /admin/import and GET /admin/export, and how much memory the process takes at most meanwhile.
 */

const { values } = parseArgs({ options: { memories: { type: 'string', default: '100000' } } });
const count = Number(values.memories);
if (!(count > 0)) throw new RangeError('--memories is a number');

const dataDir = await makeDataDir();
const system = await startStandalone({
  dataDir: dataDir.path,
  env: { ...UNLIMITED, SOMA_MAX_BACKLOG: '1000000' },
});
try {
  const { pid } = system.process;
  const headers = {
    authorization: `Bearer ${system.token}`,
    'soma-namespace': 'bench',
    'content-type': 'application/x-ndjson',
  };
  const memory = new PeakMemory(pid);
  await memory.start();
  const rest = memory.peakMib;
  const { seconds: loaded } = await timed(async () => {
    const response = await fetch(`${system.url}/admin/import`, {
      method: 'POST',
      headers,
      body: ReadableStream.from(lines()),
      duplex: 'half',
    });
    const told = (await response.json()) as { stored: number };
    if (told.stored !== count) throw new Error(`${told.stored} of ${count} were stored: ${response.status}`);
  });
  const importPeak = memory.restart();
  const { seconds: written } = await timed(async () => {
    const response = await fetch(`${system.url}/admin/export`, { headers });
    let rows = 0;
    for await (const chunk of response.body as ReadableStream<Uint8Array>)
      for (const byte of chunk) if (byte === 0x0a) rows += 1;
    const markers = Math.ceil(count / 200);
    if (rows !== count + markers) throw new Error(`${rows} lines came out of ${count}`);
  });
  const exportPeak = memory.restart();
  memory.stop();
  const table = new Table({ head: [`${count} memories`, 'memories/s', 'most memory, MiB', 'at rest, MiB'] });
  table.push(['import', Math.round(count / loaded), Math.round(importPeak), Math.round(rest)]);
  table.push(['export', Math.round(count / written), Math.round(exportPeak), '']);
  console.log(table.toString());
} finally {
  await system.stop();
  await dataDir.remove();
}

async function* lines(): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) {
    await Promise.resolve();
    yield Buffer.from(`${memoryBody(`m${index}`, index)}\n`);
  }
}
