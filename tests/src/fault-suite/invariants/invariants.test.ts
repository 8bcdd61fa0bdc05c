import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Asked } from '../history/history.js';
import { found, NAMESPACE, SmallWorld } from './small-world.js';

/** One memory put twice, one deleted, one linked to the first, and reads of them; all as it should be. */
let world: SmallWorld;
let [first, second, removed, linked]: Asked[] = [];

beforeEach(() => {
  world = new SmallWorld();
  first = world.put(1, 'm:1');
  second = world.put(2, 'm:1');
  world.put(3, 'm:2');
  removed = world.remove(4, 'm:2');
  world.put(5, 'm:4');
  linked = world.link(6, 'm:1', 'm:4');
  world.poison('poison-1');
  world.read('m:1', 1, { started: 12, ended: 14 });
  world.read('m:1', 2, { covered: [found(second)] });
  world.readOf({ absent: ['m:2'], covered: [found(removed)] });
});

test('a round in which all is well breaks no invariant', () => {
  expect(world.sentences()).toEqual([]);
});

describe('nothing-lost', () => {
  test('an acknowledged command without an operation', () => {
    world.stored.operations.splice(world.stored.operations.indexOf(world.operation(found(linked))), 1);
    expect(world.broken()).toContain('nothing-lost');
  });

  test('an acknowledged version that history lacks', () => {
    world.stored.versions.splice(world.stored.versions.indexOf(world.version('m:1', 1)), 1);
    expect(world.broken()).toContain('nothing-lost');
  });

  test('another version than was acknowledged', () => {
    found(first).told = { outcome: 'done', version: 7, revision: null, deleted: null };
    expect(world.broken()).toContain('nothing-lost');
  });

  test('a promise that was never kept', () => {
    const promised: Asked = { ...found(first), n: 50, command_id: 'id-50', told: { outcome: 'promised' } };
    world.history.commands.push(promised);
    expect(world.broken()).toEqual(['nothing-lost']);
  });

  test('a refusal that was carried out all the same', () => {
    found(second).told = { outcome: 'refused', code: 'rate_limited' };
    expect(world.broken()).toContain('nothing-lost');
  });

  test('a rejection that ended otherwise', () => {
    found(second).told = { outcome: 'rejected', code: 'version_conflict' };
    expect(world.broken()).toContain('nothing-lost');
  });

  test('a call that nobody could learn the end of', () => {
    world.unsettled.push(found(first));
    expect(world.broken()).toEqual(['nothing-lost']);
  });
});

describe('equals-model', () => {
  test('a memory with another payload than its commands make', () => {
    const memory = found(world.stored.memories.find(({ key }) => key === 'm:1'));
    memory.payload = { marker: 2, spoiled: true };
    expect(world.broken()).toContain('equals-model');
  });

  test('a memory that came back after its deletion', () => {
    const memory = found(world.stored.memories.find(({ key }) => key === 'm:2'));
    Object.assign(memory, { deleted: false, payload: {} });
    expect(world.broken()).toContain('equals-model');
  });

  test('a version in history that no command made', () => {
    world.stored.versions.push({ ...world.version('m:1', 2), version: 3, operation_id: 'id-60' });
    expect(world.broken()).toContain('equals-model');
  });

  test('an operation that nobody asked for', () => {
    const row = world.operation(found(second));
    world.stored.operations.push({ ...row, command_id: 'id-61', request_hash: 'of nobody', position: 99 });
    expect(world.broken()).toContain('equals-model');
  });

  test('a command that was carried out against its condition', () => {
    found(second).conditions = { if_exists: false, if_absent: true, if_match: null };
    expect(world.broken()).toContain('equals-model');
  });
});

describe('one-effect', () => {
  test('a command with two operations', () => {
    world.stored.operations.push({ ...world.operation(found(second)), position: 99 });
    expect(world.broken()).toContain('one-effect');
  });

  test('a command that made two versions', () => {
    world.stored.versions.push({ ...world.version('m:1', 2), version: 3 });
    expect(world.broken()).toContain('one-effect');
  });

  test('the mark of one command on the version of another', () => {
    world.version('m:1', 2).operation_id = found(first).command_id ?? '';
    expect(world.broken()).toContain('one-effect');
  });
});

describe('projections-equal', () => {
  test('a point at an older revision', () => {
    found(world.points[0]).revision -= 1;
    expect(world.broken()).toEqual(['projections-equal']);
  });

  test('a memory that the index lacks', () => {
    world.points.splice(0, 1);
    expect(world.broken()).toEqual(['projections-equal']);
  });

  test('a point of a memory that there is not', () => {
    world.points.push({ ...found(world.points[0]), key: 'm:99' });
    expect(world.broken()).toEqual(['projections-equal']);
  });

  test('a deleted memory that the index still has', () => {
    Object.assign(found(world.points.find(({ key }) => key === 'm:2')), { deleted: false });
    expect(world.broken()).toEqual(['projections-equal']);
  });

  test('a link that outlived an end', () => {
    world.remove(7, 'm:4');
    expect(world.broken()).toEqual(['projections-equal']);
  });

  test('a link that is gone although both ends are there', () => {
    world.stored.links.splice(0, 1);
    expect(world.broken()).toEqual(['projections-equal']);
  });

  test('a link that is gone with an end is as it should be', () => {
    world.remove(7, 'm:4');
    world.stored.links.splice(0, 1);
    expect(world.broken()).toEqual([]);
  });

  test('a link that nobody asked for', () => {
    world.stored.links.push({ ...found(world.stored.links[0]), to_key: 'm:2' });
    expect(world.broken()).toEqual(['projections-equal']);
  });

  test('an answer with another version than Postgres has', () => {
    const evidence = world.evidence();
    const answered = [{ namespace: NAMESPACE, key: 'm:1', version: 1, digest: null }];
    expect(world.brokenIn({ ...evidence, answered })).toEqual(['projections-equal']);
  });
});

describe('reads-after-token', () => {
  test('a read of an older version than its token covers', () => {
    world.read('m:1', 1, { covered: [found(second)] });
    expect(world.broken()).toEqual(['reads-after-token']);
  });

  test('a read that does not see what its token covers', () => {
    world.readOf({ absent: ['m:1'], covered: [found(second)] });
    expect(world.broken()).toEqual(['reads-after-token']);
  });

  test('a search that finds a deleted memory', () => {
    world.read('m:2', 1, { kind: 'search', covered: [found(removed)] });
    expect(world.broken()).toEqual(['reads-after-token']);
  });

  test('a search that does not find what its token covers', () => {
    world.readOf({ kind: 'search', sought: found(second), covered: [found(second)] });
    expect(world.broken()).toEqual(['reads-after-token']);
  });

  test('a read without a token may be older', () => {
    world.read('m:1', 1);
    expect(world.broken()).toEqual([]);
  });
});

describe('cache-not-older', () => {
  test('an entry at an older revision', () => {
    found(world.cache[0]).revision -= 1;
    expect(world.broken()).toEqual(['cache-not-older']);
  });

  test('an entry with another content', () => {
    found(world.cache[0]).digest = 'of another payload';
    expect(world.broken()).toEqual(['cache-not-older']);
  });

  test('an entry of what Postgres does not have', () => {
    world.cache.push({ ...found(world.cache[0]), key: 'm:99' });
    expect(world.broken()).toEqual(['cache-not-older']);
  });
});

describe('namespaces-apart', () => {
  test('an answer with a memory of another namespace', () => {
    world.read('m:1', 2, { namespace: 'w1-b' });
    expect(world.broken()).toEqual(['namespaces-apart']);
  });

  test('an answer with a payload that was meant for another namespace', () => {
    const { seen } = world.read('m:1', 2);
    found(seen[0]).marker_namespace = 'w1-b';
    expect(world.broken()).toEqual(['namespaces-apart']);
  });
});

describe('dead-letters-explained', () => {
  test('a dead letter that no poison explains', () => {
    found(world.stored.dead_letters[0]).poison = null;
    expect(world.broken()).toEqual(['dead-letters-explained']);
  });

  test('a dead letter for another reason', () => {
    found(world.stored.dead_letters[0]).code = 'internal';
    expect(world.broken()).toEqual(['dead-letters-explained']);
  });

  test('a poison that was swallowed', () => {
    world.stored.dead_letters.splice(0, 1);
    world.poisonInDlq.splice(0, 1);
    expect(world.broken()).toEqual(['dead-letters-explained']);
  });

  test('a second copy of a poison that was swallowed', () => {
    world.poisonInTopic.push({ ...found(world.poisonInTopic[0]), place: 'at memory.commands/1/0/77' });
    expect(world.broken()).toEqual(['dead-letters-explained']);
  });

  test('a dead letter that is not in memory.dlq', () => {
    world.poisonInDlq.splice(0, 1);
    expect(world.broken()).toEqual(['dead-letters-explained']);
  });

  test('a dead letter with other bytes in memory.dlq', () => {
    found(world.poisonInDlq[0]).value_hash = 'of other bytes';
    expect(world.broken()).toEqual(['dead-letters-explained']);
  });
});

test('lag-gone: a group that does not come to the end', () => {
  world.lags.push({ group: 'indexer', topic: 'memory.events', partition: 3, behind: 2 });
  expect(world.broken()).toEqual(['lag-gone']);
});

describe('versions-in-order', () => {
  test('two writes acknowledged with one version', () => {
    found(first).told = { outcome: 'done', version: 2, revision: null, deleted: null };
    expect(world.broken()).toContain('versions-in-order');
  });

  test('a write that began after another had ended, and stands before it', () => {
    Object.assign(found(first), { started: 100, ended: 105 });
    expect(world.broken()).toEqual(['versions-in-order']);
  });

  test('writes at the same time may stand in either order', () => {
    Object.assign(found(first), { started: 1, ended: 105 });
    expect(world.broken()).toEqual([]);
  });

  test('a read of a version before its command had begun', () => {
    world.read('m:1', 2, { started: 11, ended: 12 });
    expect(world.broken()).toEqual(['versions-in-order']);
  });

  test('a read of a version with another payload', () => {
    const { seen } = world.read('m:1', 2);
    found(seen[0]).digest = 'of another payload';
    expect(world.broken()).toEqual(['versions-in-order']);
  });

  test('a read of a version that never was', () => {
    const { seen } = world.read('m:1', 2);
    found(seen[0]).version = 9;
    expect(world.broken()).toEqual(['versions-in-order']);
  });
});
