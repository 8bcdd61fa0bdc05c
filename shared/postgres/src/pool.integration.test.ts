import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTestDatabase } from '@soma/testing';
import { createPool, inTransaction, withStoreErrors } from './index.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** A way to Postgres on which the connections that stand can be made to say nothing more. */
async function deadEnd() {
  const target = new URL(database.url);
  const sockets = new Set<Socket>();
  const server = createServer((inner) => {
    const outer = connect(Number(target.port), target.hostname);
    for (const socket of [inner, outer]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    inner.pipe(outer).pipe(inner);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(database.url);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    silence: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

test('a connection that stands but answers no more is given up and replaced, in a transaction too', async () => {
  const way = await deadEnd();
  const pool = createPool(
    { url: way.url, maxConnections: 1, applicationName: 'test', statementTimeoutMs: 100 },
    () => undefined,
  );
  const one = () => withStoreErrors(async () => (await pool.query<{ one: number }>('select 1 as one')).rows);
  const unavailable = { code: 'store_unavailable', retryable: true };
  try {
    expect(await one()).toEqual([{ one: 1 }]);
    way.silence();
    await expect(one()).rejects.toMatchObject(unavailable);
    expect(await one()).toEqual([{ one: 1 }]);
    const hung = inTransaction(pool, async (tx) => {
      way.silence();
      await tx.query('select 1');
    });
    await expect(hung).rejects.toMatchObject(unavailable);
    expect(await one()).toEqual([{ one: 1 }]);
  } finally {
    await pool.end();
    way.close();
  }
});

test('a transaction that stands still is ended, so that others get what it had locked', async () => {
  const options = { url: database.url, applicationName: 'test', idleTransactionTimeoutMs: 100 };
  const pool = createPool({ ...options, maxConnections: 2 }, () => undefined);
  try {
    await pool.query('create table locked as select 1 as one');
    const stands = inTransaction(pool, async (tx) => {
      await tx.query('select one from locked for update');
      expect((await pool.query('select one from locked for update')).rows).toEqual([{ one: 1 }]);
      await tx.query('select 1');
    });
    await expect(stands).rejects.toMatchObject({ code: 'store_unavailable', retryable: true });
  } finally {
    await pool.end();
  }
});
