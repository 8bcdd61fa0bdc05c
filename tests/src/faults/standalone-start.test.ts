import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from '@soma/testing';
import { Client } from '../acceptance/client.js';
import {
  makeDataDir,
  postgresPid,
  spawnStandalone,
  startStandalone,
  until,
  untilReady,
} from '../system/index.js';

let dataDir: Awaited<ReturnType<typeof makeDataDir>>;

beforeEach(async () => {
  dataDir = await makeDataDir();
});
afterEach(() => dataDir.remove());

describe('starting standalone', () => {
  test('a Postgres orphaned by kill -9 is used on, and no second one started', async () => {
    const first = await startStandalone({ dataDir: dataDir.path });
    await new Client({ namespace: 'n', target: first }).put('m', { payload: { n: 1 } });
    const pid = await postgresPid(dataDir.path);
    await first.process.kill();
    expect(await postgresPid(dataDir.path)).toBe(pid);

    const second = await startStandalone({ dataDir: dataDir.path });
    expect(await postgresPid(dataDir.path)).toBe(pid);
    expect((await new Client({ namespace: 'n', target: second }).get('m')).body.memory.payload).toEqual({
      n: 1,
    });
    await second.stop();
    expect(await postgresPid(dataDir.path)).toBeUndefined();
  });

  test('after kill -9 of Postgres too it starts again with everything', async () => {
    const first = await startStandalone({ dataDir: dataDir.path });
    await new Client({ namespace: 'n', target: first }).put('m', { payload: { n: 1 } });
    const pid = await postgresPid(dataDir.path);
    await first.process.kill();
    process.kill(pid ?? -1, 'SIGKILL');
    await until('Postgres to be gone', 10_000, async () => (await postgresPid(dataDir.path)) === undefined);
    const second = await startStandalone({ dataDir: dataDir.path });
    expect((await new Client({ namespace: 'n', target: second }).get('m')).status).toBe(200);
    await second.stop();
  });

  test('a second one on the folder refuses and says why; the first goes on', async () => {
    const first = await startStandalone({ dataDir: dataDir.path });
    const second = await spawnStandalone({ dataDir: dataDir.path });
    expect(await second.service.exit()).toBe(1);
    expect(second.service.output).toContain('data_folder_in_use');
    expect(second.service.output).toContain(dataDir.path);
    expect(second.service.output).not.toMatch(/\n\s+at .*:\d+:\d+/);
    const answer = await new Client({ target: first }).put('m', { payload: {} });
    expect(answer.status).toBe(201);
    await first.stop();
  });

  test.each(['SOMA_API_PORT', 'SOMA_OPS_PORT'])(
    '%s taken: the message names the port and the setting',
    async (name) => {
      const { server, port } = await takenPort();
      const { service } = await spawnStandalone({ dataDir: dataDir.path, env: { [name]: String(port) } });
      expect(await service.exit()).toBe(1);
      expect(service.output).toContain(String(port));
      expect(service.output).toContain(name);
      expect(service.output).not.toMatch(/\n\s+at .*:\d+:\d+/);
      server.close();
      expect(await postgresPid(dataDir.path)).toBeUndefined();
    },
  );

  test('a port for Postgres that is taken is no matter', async () => {
    const { server, port } = await takenPort();
    const system = await startStandalone({
      dataDir: dataDir.path,
      env: { SOMA_POSTGRES_PORT: String(port) },
    });
    await system.stop();
    server.close();
  });

  test('wrong settings are all named at once, with what is wrong and an example', async () => {
    const { service } = await spawnStandalone({
      dataDir: dataDir.path,
      env: { SOMA_API_PORT: 'eighty', SOMA_LOG_LEVEL: 'loud', SOMA_RATE_READ: '0' },
    });
    expect(await service.exit()).toBe(1);
    for (const name of ['SOMA_API_PORT', 'SOMA_LOG_LEVEL', 'SOMA_RATE_READ']) {
      expect(service.output).toContain(name);
    }
  });

  test('an empty token stops the start', async () => {
    const { service } = await spawnStandalone({ dataDir: dataDir.path, env: { SOMA_API_TOKEN: '' } });
    expect(await service.exit()).toBe(1);
    expect(service.output).toContain('SOMA_API_TOKEN');
  });

  test('SIGTERM in the middle of writes loses none that was answered', async () => {
    const system = await startStandalone({ dataDir: dataDir.path });
    const client = new Client({ namespace: 'n', target: system });
    const kept: string[] = [];
    const writer = (async () => {
      for (let n = 0; ; n += 1) {
        const answer = await client.put(`m${n}`, { payload: {} }).catch(() => undefined);
        if (answer === undefined) return;
        // Whoever waits while the process stops is answered with what is known: 202, which is a promise too.
        if (answer.status === 201 || answer.status === 202) kept.push(`m${n}`);
        else expect(answer.status).toBe(503);
      }
    })();
    await until('some writes', 10_000, () => kept.length > 20);
    await system.stop();
    await writer;
    const again = await spawnStandalone({ dataDir: dataDir.path });
    await untilReady(again.service, again.opsUrl);
    const next = new Client({ namespace: 'n', target: { url: again.url, token: system.token } });
    for (const coord of kept) {
      await until(`${coord} to be there`, 10_000, async () => (await next.get(coord)).status === 200);
    }
    await again.service.stop();
  });
});

async function takenPort(): Promise<{ server: Server; port: number }> {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { server, port };
}
