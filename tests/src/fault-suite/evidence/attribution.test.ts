import { expect, test } from '@jest/globals';
import { History, UNCONDITIONAL, type Asked, type Told } from '../history/history.js';
import { Keyspace } from '../history/keyspace.js';
import { attribute } from './attribution.js';
import type { OperationRow } from './rows.js';

function deletion(n: number, told: Told, command_id: string | null = null): Asked {
  return {
    n,
    source: 'http',
    type: 'delete',
    namespace: 'w1-a',
    key: '0,-1.5',
    coord: '0.0,-1.50',
    content: {},
    conditions: UNCONDITIONAL,
    idempotency_key: null,
    request_hash: 'equal',
    command_id,
    started: n,
    ended: null,
    told,
  };
}

function row(command_id: string, more: Partial<OperationRow> = {}): OperationRow {
  return {
    command_id,
    recorded_at: 0,
    namespace: 'w1-a',
    topic: 'memory.commands',
    partition: 0,
    position: 0,
    generation: 1,
    coord: '0,-1.5',
    status: 'stored',
    deleted: true,
    created: false,
    version: 2,
    revision: 1,
    error_code: null,
    request_hash: 'equal',
    issuer: 'api-token',
    ...more,
  };
}

function numbersOf(commands: Asked[], rows: OperationRow[]): (number | undefined)[] {
  const history = new History(new Keyspace(1));
  history.commands.push(...commands);
  const { byRow } = attribute(history, rows);
  return rows.map((one) => byRow.get(one)?.n);
}

const UNKNOWN: Told = { outcome: 'unknown' };
const DONE: Told = { outcome: 'done', version: 2, revision: 1, deleted: true };

test('an id that was told decides', () => {
  expect(numbersOf([deletion(1, UNKNOWN), deletion(2, DONE, 'id-2')], [row('id-2'), row('id-1')])).toEqual([
    2, 1,
  ]);
});

test('without an id the hash and the memory do, however the coord is spelled', () => {
  expect(numbersOf([deletion(1, UNKNOWN)], [row('id-1', { coord: '0.000,-1.5' })])).toEqual([1]);
  expect(numbersOf([deletion(1, UNKNOWN)], [row('id-1', { coord: '3,-1.5' })])).toEqual([undefined]);
  expect(numbersOf([deletion(1, UNKNOWN)], [row('id-1', { request_hash: 'another' })])).toEqual([undefined]);
});

test('of equal deletions, the one that was told of a refusal gets the refused row', () => {
  const commands = [deletion(1, UNKNOWN), deletion(2, { outcome: 'rejected', code: 'version_conflict' })];
  const refused = row('id-b', { status: 'rejected', error_code: 'version_conflict', version: null });
  expect(numbersOf(commands, [row('id-a'), refused])).toEqual([1, 2]);
});

test('a row beyond the commands that there were is nobody’s', () => {
  expect(numbersOf([deletion(1, UNKNOWN)], [row('id-a'), row('id-b')])).toEqual([1, undefined]);
  expect(numbersOf([deletion(1, DONE, 'id-1')], [row('id-1'), row('id-1')])).toEqual([1, undefined]);
});
