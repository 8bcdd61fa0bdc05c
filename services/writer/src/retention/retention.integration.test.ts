import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { storeCommand } from '@soma/memory-store/contract';
import type { RetentionPolicy } from '@soma/memory-store';
import { eventually } from '@soma/testing';
import { Registry } from 'prom-client';
import { beforeDeletions, dyingLog, openWriterWorld, type WriterWorld } from '../test/writer-world.js';

let world: WriterWorld;
beforeEach(async () => {
  world = await openWriterWorld();
});
afterEach(() => world.close());

const NOTHING: RetentionPolicy = { ttl_seconds: null, max_memories: null, decay: null };
const set = (policy: Partial<RetentionPolicy>) =>
  world.policies.set('team', { ...NOTHING, ...policy }, 'an admin');

/** Stores memories and waits until they are there. */
async function stored(...commands: ReturnType<typeof storeCommand>[]): Promise<void> {
  await world.start();
  await world.send(...commands);
  await eventually(async () => {
    const { rows } = await world.pool.query('select count(*) as count from memories where not deleted');
    expect(rows).toEqual([{ count: commands.length }]);
  });
  await world.stop();
}

const age = (pattern: string) =>
  world.pool.query(`update memories set updated_at = updated_at - interval '9 days' where key like $1`, [
    pattern,
  ]);

const untilRun = (deleted: number) =>
  eventually(async () => {
    expect(await world.policies.get('team')).toMatchObject({ last_run: { deleted } });
  }, 30_000);

test('a policy deletes what it lets go of, says why, and leaves other namespaces alone', async () => {
  await stored(
    ...['old', 'a', 'b'].map((coord) => storeCommand(coord, { importance: 1 })),
    storeCommand('worthless', { importance: 0 }),
    storeCommand('old', { namespace: 'other' }),
  );
  await age('old');
  await set({
    ttl_seconds: 86_400,
    max_memories: 1,
    decay: { half_life_seconds: 86_400, min_score: 0.1, accesses: false },
  });
  const registry = new Registry();
  await world.start({ registry });
  await untilRun(3);
  expect(await world.live('old', 'worthless', 'a', 'b')).toEqual(['b']);
  const { rows } = await world.pool.query(
    `select issuer, key from history where issuer like 'soma:%' order by issuer`,
  );
  expect(rows).toEqual([
    { issuer: 'soma:retention:decay', key: 'worthless' },
    { issuer: 'soma:retention:max_memories', key: 'a' },
    { issuer: 'soma:retention:ttl', key: 'old' },
  ]);
  expect(await world.policies.get('team')).toMatchObject({ deleted: { ttl: 1, decay: 1, max_memories: 1 } });
  expect(await registry.getSingleMetricAsString('soma_writer_retention_deleted_total')).toMatch(
    /reason="ttl"} 1/,
  );
});

test('a memory written after it was judged survives', async () => {
  await stored(storeCommand('a'), storeCommand('b'));
  await age('%');
  await set({ ttl_seconds: 86_400 });
  const renew = () => world.send(storeCommand('b'));
  await world.start({ codec: beforeDeletions(world.codec, renew) });
  await untilRun(1);
  expect(await world.live('a', 'b')).toEqual(['b']);
});

test('after a crash it goes on, and counts no memory twice', async () => {
  const coords = Array.from({ length: 30 }, (_, n) => `m${n}`);
  await stored(...coords.map((coord) => storeCommand(coord)));
  await age('%');
  await set({ ttl_seconds: 86_400 });
  const { log, dead } = dyingLog(world.log);
  await world.start({ log, retention_rate: 100 });
  await eventually(() => {
    expect(dead()).toBe(true);
  }, 30_000);
  await world.stop();
  await world.pool.query(`update duties set held_until = now() where name = 'policies'`);
  await world.start();
  await eventually(async () => {
    expect(await world.live(...coords)).toEqual([]);
    expect((await world.policies.get('team'))?.last_run).not.toBeNull();
  }, 30_000);
  expect((await world.policies.get('team'))?.deleted.ttl).toBeLessThanOrEqual(30);
  const { rows } = await world.pool.query('select distinct version from memories');
  expect(rows).toEqual([{ version: 2 }]);
});

test('one that is removed while it is enforced stops', async () => {
  const coords = Array.from({ length: 20 }, (_, n) => `m${n}`);
  await stored(...coords.map((coord) => storeCommand(coord)));
  await set({ max_memories: 0 });
  const remove = async () => {
    await world.policies.remove('team');
  };
  await world.start({ codec: beforeDeletions(world.codec, remove), retention_rate: 5 });
  await eventually(async () => {
    expect(await world.live(...coords)).toHaveLength(15);
  });
  const { rows } = await world.pool.query('select count(*) as gone from memories where deleted');
  expect(rows).toEqual([{ gone: 5 }]);
});

test('a dry run counts what would go and why, and deletes nothing', async () => {
  await stored(storeCommand('old'), storeCommand('a'), storeCommand('b'));
  await age('old');
  await world.start();
  const policy = { ttl_seconds: 86_400, max_memories: 1, decay: null };
  const job = await world.runJob('try-retention', { namespace: 'team', policy });
  expect(job.result).toEqual({
    live: 3,
    would_delete: { ttl: 1, decay: 0, max_memories: 1 },
    coords: { ttl: ['old'], decay: [], max_memories: ['a'] },
  });
  expect(await world.live('old', 'a', 'b')).toHaveLength(3);
});
