import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../contract/index.js';
import { silent } from '../contract/silent.js';
import { Rejoining } from './rejoining.js';

let done: string[];
let stopping: AbortController;
beforeEach(() => {
  done = [];
  stopping = new AbortController();
});
afterEach(() => {
  stopping.abort();
});

function rejoining(patienceMs: number): Rejoining {
  return new Rejoining({
    group: 'g',
    logger: silent,
    patienceMs,
    stop: async () => void done.push('stopped'),
    run: async () => void done.push('running'),
    signal: stopping.signal,
  });
}

test('a member that stays unknown is stopped and joins again, once however often it is told', async () => {
  const member = rejoining(20);
  member.unknown();
  member.unknown();
  await eventually('the new member', () => done.length > 0);
  await member.ended();
  expect(done).toEqual(['stopped', 'running']);
  member.unknown();
  await member.ended();
  expect(done).toEqual(['stopped', 'running', 'stopped', 'running']);
});

test('one that joins by itself meanwhile is left alone', async () => {
  const member = rejoining(20);
  member.unknown();
  member.joined();
  await member.ended();
  expect(done).toEqual([]);
});

test('one that stops for good is not waited for', async () => {
  const member = rejoining(3_600_000);
  member.unknown();
  stopping.abort();
  await member.ended();
  expect(done).toEqual([]);
});
