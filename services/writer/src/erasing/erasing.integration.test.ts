import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { TOPICS } from '@soma/events';
import type { Job } from '@soma/jobs';
import type { JsonObject } from '@soma/memory';
import { deleteCommand, storeCommand } from '@soma/memory-store/contract';
import { eventually } from '@soma/testing';
import { beforeDeletions, dyingLog, openWriterWorld, type WriterWorld } from '../test/writer-world.js';

const MARKER = 'kingfisher';

let world: WriterWorld;
beforeEach(async () => {
  world = await openWriterWorld();
});
afterEach(() => world.close());

const marked = (coord: string, tags: string[] = []) =>
  storeCommand(coord, { payload: { text: MARKER }, tags });
const erase = (request: JsonObject): Promise<Job> =>
  world.runJob('erase', { namespace: 'team', at_most: 10_000, ...request });

async function historyOf(key: string): Promise<number[]> {
  const { rows } = await world.pool.query<{ version: number }>(
    'select version from history where namespace = $1 and key = $2 order by version',
    ['team', key],
  );
  return rows.map(({ version }) => version);
}

test('erases by coords whatever is left of them, what the writer has not come to yet too', async () => {
  await world.send(
    marked('a'),
    marked('a'),
    marked('b'),
    marked('gone'),
    deleteCommand('gone'),
    marked('42.0'),
  );
  const asked = world.jobs.create({
    kind: 'erase',
    request: { namespace: 'team', coords: ['a', 'gone', '42.00', 'never'], at_most: 10 },
    issuer: 'an admin',
  });
  await world.start();
  const job = await world.untilEnded(await asked);
  expect(job).toMatchObject({ state: 'done', done: 3, total: 3 });
  expect(job.result).toMatchObject({ matched: 3, erased: 3, spared: 0, dead_letters_erased: 0 });
  expect(Object.keys(job.result?.['log_clean_by'] as JsonObject).sort()).toEqual(
    Object.values(TOPICS).sort(),
  );
  expect(await world.live('a', 'b', 'gone', '42')).toEqual(['b']);
  expect([await historyOf('a'), await historyOf('gone'), await historyOf('42')]).toEqual([[3], [2, 3], [2]]);
  const { rows } = await world.pool.query(
    `select distinct issuer from history where (state ->> 'deleted')::boolean`,
  );
  expect(rows).toEqual(expect.arrayContaining([{ issuer: 'an admin' }]));
});

test('erases by filter', async () => {
  await world.start();
  await world.send(marked('a', ['old']), marked('b', ['old']), marked('c', ['new']));
  const job = await erase({ filters: { tags: 'old' } });
  expect(job.result).toMatchObject({ matched: 2, erased: 2, spared: 0 });
  expect(await world.live('a', 'b', 'c')).toEqual(['c']);
});

test('spares what was renewed after it had matched the filter', async () => {
  await world.start();
  await world.send(marked('a', ['old']), marked('b', ['old']));
  await eventually(async () => {
    expect(await world.live('a', 'b')).toEqual(['a', 'b']);
  });
  // Between the look for targets and the commands.
  const renew = () => world.send(storeCommand('b', { payload: {} }));
  await world.stop();
  await world.start({ codec: beforeDeletions(world.codec, renew) });
  const job = await erase({ filters: { tags: 'old' } });
  expect(job.result).toMatchObject({ matched: 2, erased: 1, spared: 1 });
  expect(await world.live('a', 'b')).toEqual(['b']);
});

test('erases a namespace with all that is left in it, page by page, and no other', async () => {
  await world.start();
  const many = Array.from({ length: 230 }, (_, n) => marked(`m${n}`));
  await world.send(...many, storeCommand('m1', { namespace: 'other' }));
  const bad = { ...marked('bad'), importance: 7 };
  await world.send(bad);
  const job = await erase({ all: true });
  expect(job.result).toMatchObject({ matched: 231, erased: 231, dead_letters_erased: 1 });
  const { rows } = await world.pool.query('select namespace, key from memories where not deleted');
  expect(rows).toEqual([{ namespace: 'other', key: 'm1' }]);
  const letters = await world.pool.query('select value, command_id from dead_letters');
  expect(letters.rows).toEqual([{ value: null, command_id: bad.command_id }]);
  expect((await erase({ all: true })).result).toMatchObject({ matched: 0, erased: 0 });
});

test('erases nothing when more match than it may, or when it only tries', async () => {
  await world.start();
  await world.send(marked('a'), marked('b'));
  expect(await erase({ all: true, at_most: 1 })).toMatchObject({
    state: 'failed',
    error: { code: 'too_many_matched' },
  });
  expect((await erase({ all: true, at_most: 2, dry_run: true })).result).toEqual({
    matched: 2,
    erased: 0,
    dry_run: true,
  });
  expect(await world.live('a', 'b')).toEqual(['a', 'b']);
});

test('goes on after a crash in the middle of a page, erases once and counts right', async () => {
  await world.send(...Array.from({ length: 5 }, (_, n) => marked(`m${n}`)));
  // A first process that dies once its commands are in the log.
  const { log, dead } = dyingLog(world.log);
  await world.start({ log });
  const job = await world.jobs.create({
    kind: 'erase',
    request: { namespace: 'team', all: true, at_most: 10 },
    issuer: 'an admin',
  });
  await eventually(() => {
    expect(dead()).toBe(true);
  }, 30_000);
  await world.stop();
  await world.pool.query('update jobs set leased_until = now()');
  await world.start();
  const ended = await world.untilEnded(job);
  expect(ended.result).toMatchObject({ matched: 5, erased: 5, spared: 0 });
  const { rows } = await world.pool.query('select distinct version from memories');
  expect(rows).toEqual([{ version: 2 }]);
});

test('a check tells what topics and tables still hold, and until when', async () => {
  await world.start();
  await world.send(marked('a'), marked('b'), { ...marked('a'), importance: 7 });
  const [junk] = await world.log.append([
    { topic: TOPICS.memoryCommands, key: 'elsewhere', value: Buffer.from('junk'), headers: {} },
  ]);
  expect(junk?.ok).toBe(true);
  await eventually(async () => {
    const { rows } = await world.pool.query('select count(*) as letters from dead_letters where published');
    expect(rows).toEqual([{ letters: 2 }]);
  });
  const check = async () => (await world.runJob('check-erased', { namespace: 'team', coords: ['a'] })).result;
  const inTopics = {
    [TOPICS.memoryCommands]: 2,
    [TOPICS.graphCommands]: 0,
    [TOPICS.memoryEvents]: 1,
    [TOPICS.deadLetters]: 1,
  };
  expect(await check()).toMatchObject({
    clean: false,
    remaining: { ...inTopics, memories: 1, history: 1, dead_letters: 1, links: 0, index_points: 0 },
    // Once in its topic and once among the dead letters.
    unreadable: 2,
  });
  await erase({ coords: ['a'] });
  const after = await check();
  expect(after).toMatchObject({
    clean: false,
    remaining: { ...inTopics, memories: 0, history: 0, dead_letters: 0 },
  });
  const left =
    Date.parse(after?.['clean_by'] as string) - Date.parse(after?.['newest_remaining_at'] as string);
  expect(left).toBeGreaterThan(29 * 86_400_000);
  expect((await world.runJob('check-erased', { namespace: 'team', coords: ['never'] })).result).toMatchObject(
    {
      clean: true,
      newest_remaining_at: null,
      clean_by: null,
    },
  );
  expect((await world.runJob('check-erased', { namespace: 'team', all: true })).result).toMatchObject({
    remaining: { ...inTopics, [TOPICS.memoryCommands]: 3, [TOPICS.memoryEvents]: 2, memories: 1 },
  });
});

test('what has expired is deleted for good, and what was renewed is not', async () => {
  await world.start();
  await world.send(
    storeCommand('over', { expires_at: Date.now() - 1_000 }),
    storeCommand('renewed', { expires_at: Date.now() - 1_000 }),
    storeCommand('renewed'),
    storeCommand('later', { expires_at: Date.now() + 3_600_000 }),
  );
  await eventually(async () => {
    const { rows } = await world.pool.query(
      'select key, deleted, version, text is null as empty from memories order by key',
    );
    expect(rows).toEqual([
      { key: 'later', deleted: false, version: 1, empty: false },
      { key: 'over', deleted: true, version: 2, empty: true },
      { key: 'renewed', deleted: false, version: 2, empty: false },
    ]);
  }, 30_000);
  const { rows } = await world.pool.query(`select key, version from history where issuer = 'soma:expiry'`);
  expect(rows).toEqual([{ key: 'over', version: 2 }]);
});
