import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Job } from '@soma/jobs';
import type { JsonObject } from '@soma/memory';
import { storeCommand } from '@soma/memory-store/contract';
import { eventually } from '@soma/testing';
import { beforeDeletions, dyingLog, openWriterWorld, type WriterWorld } from '../test/writer-world.js';

let world: WriterWorld;
beforeEach(async () => {
  world = await openWriterWorld();
});
afterEach(() => world.close());

const tagged = (coord: string, ...tags: string[]) => storeCommand(coord, { tags });
const OLD = { filters: { tags: 'old' } };

async function ask(request: JsonObject): Promise<Job> {
  const asked = await world.jobs.request({
    job_id: randomUUID(),
    kind: 'delete',
    namespace: 'team',
    request: {
      namespace: 'team',
      scope: {},
      at_most: 1_000,
      dry_run: false,
      erase: false,
      bound_to_user: null,
      ...request,
    },
    request_hash: 'h',
    issuer: 'a caller',
    max_open: 10,
  });
  if (asked === undefined) throw new Error('the job was not taken');
  return asked.job;
}

const run = async (request: JsonObject): Promise<Job> => world.untilEnded(await ask(request));

test('deletes what passes the filter and its scope, what the writer has not come to yet too', async () => {
  const ada = (coord: string) => storeCommand(coord, { tags: ['old'], user_id: 'ada' });
  await world.send(ada('a'), tagged('b', 'old'), storeCommand('c', { user_id: 'ada' }), ada('42.0'));
  const asked = await ask({ ...OLD, scope: { user_id: 'ada' } });
  await world.start();
  const job = await world.untilEnded(asked);
  expect(job).toMatchObject({ state: 'done', done: 2, total: 2 });
  expect(job.result).toMatchObject({ matched: 2, deleted: 2, spared: 0, generation: 1 });
  expect(await world.live('a', 'b', 'c', '42')).toEqual(['b', 'c']);
  const { rows } = await world.pool.query(`select key from history where issuer = 'a caller' order by key`);
  expect(rows).toEqual([{ key: '42' }, { key: 'a' }]);
});

test('its positions are those that a reader has to wait for', async () => {
  await world.start();
  await world.send(tagged('a', 'old'), tagged('b', 'old'), tagged('c', 'old'));
  const { result } = await run(OLD);
  const { rows } = await world.pool.query(
    `select partition, max(position) as position from operations where issuer = 'a caller' group by 1`,
  );
  const expected = Object.fromEntries(
    (rows as { partition: number; position: number }[]).map(({ partition, position }) => [
      partition,
      position,
    ]),
  );
  expect(result?.['positions']).toEqual(expected);
});

test('means what readers see: what has expired is neither counted nor deleted by it', async () => {
  await world.send(tagged('a', 'old'), storeCommand('over', { tags: ['old'], expires_at: 1 }));
  await world.start();
  expect((await run({ ...OLD, dry_run: true })).result).toMatchObject({ matched: 1, deleted: 0 });
  expect((await run(OLD)).result).toMatchObject({ matched: 1, deleted: 1 });
});

test('of a caller that is bound to a user touches only its memories', async () => {
  await world.start();
  await world.send(
    storeCommand('a', { user_id: 'ada' }),
    storeCommand('b', { user_id: 'bob' }),
    storeCommand('c'),
  );
  expect((await run({ bound_to_user: 'bob', scope: { user_id: 'ada' } })).result).toMatchObject({
    matched: 0,
  });
  expect((await run({ bound_to_user: 'bob' })).result).toMatchObject({ matched: 1, deleted: 1 });
  expect(await world.live('a', 'b', 'c')).toEqual(['a', 'c']);
});

test('an erasing one leaves no version behind', async () => {
  await world.start();
  await world.send(tagged('a', 'old'), tagged('a', 'old'), tagged('b'));
  const { result } = await run({ ...OLD, erase: true });
  expect(result).toMatchObject({ matched: 1, deleted: 1, log_clean_by: expect.anything() });
  const { rows } = await world.pool.query('select key, version from history order by key, version');
  expect(rows).toEqual([
    { key: 'a', version: 3 },
    { key: 'b', version: 1 },
  ]);
});

test('deletes nothing when more match than it may', async () => {
  await world.start();
  await world.send(tagged('a', 'old'), tagged('b', 'old'));
  expect(await run({ ...OLD, at_most: 1 })).toMatchObject({
    state: 'failed',
    done: 0,
    error: { code: 'too_many_matched' },
  });
  expect(await world.live('a', 'b')).toEqual(['a', 'b']);
});

test('spares what was written after it had matched, whatever it is now', async () => {
  await world.start();
  await world.send(tagged('a', 'old'), tagged('b', 'old'));
  await world.stop();
  const renew = () => world.send(tagged('b', 'old'));
  await world.start({ codec: beforeDeletions(world.codec, renew) });
  expect((await run(OLD)).result).toMatchObject({ matched: 2, deleted: 1, spared: 1 });
  expect(await world.live('a', 'b')).toEqual(['b']);
});

test('goes on after a crash in the middle of a page, deletes once and counts right', async () => {
  await world.send(...Array.from({ length: 230 }, (_, n) => tagged(`m${n}`, 'old')));
  const { log, dead } = dyingLog(world.log);
  await world.start({ log });
  const job = await ask(OLD);
  await eventually(() => {
    expect(dead()).toBe(true);
  }, 30_000);
  await world.stop();
  await world.pool.query('update jobs set leased_until = now()');
  await world.start();
  expect((await world.untilEnded(job)).result).toMatchObject({ matched: 230, deleted: 230, spared: 0 });
  const { rows } = await world.pool.query('select distinct version from memories');
  expect(rows).toEqual([{ version: 2 }]);
});

test('waits behind no job of an operator', async () => {
  await world.start();
  await world.send(tagged('a', 'old'));
  await world.jobs.create({ kind: 'erase', request: {}, issuer: 'an admin' });
  await world.pool.query(
    `update jobs set state = 'running', leased_until = now() + interval '1 hour' where kind = 'erase'`,
  );
  expect((await run(OLD)).result).toMatchObject({ deleted: 1 });
});
