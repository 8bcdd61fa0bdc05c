import { expect, test } from '@jest/globals';
import type { LogRecord } from '@soma/event-log';
import { whoseRecord } from './whose-record.js';

function record(changes: Partial<LogRecord>): LogRecord {
  return {
    topic: 'memory.commands',
    partition: 0,
    position: 1,
    key: null,
    value: null,
    headers: {},
    timestamp: 0,
    ...changes,
  };
}
const nobody = { command_id: null, namespace: null, coord: null };
const json = (text: string, headers: Record<string, string> = {}) =>
  record({
    value: Buffer.from(text),
    headers: { 'content-type': 'application/json', ...headers },
    key: 'team/m',
  });

test.each<[string, LogRecord, unknown, ReturnType<typeof whoseRecord>]>([
  [
    'a command says it itself, whatever its key',
    record({ key: 'other/x', headers: { 'command-id': 'another' } }),
    { command_id: 'id', namespace: 'team', coord: '42.0' },
    { command_id: 'id', namespace: 'team', coord: '42.0' },
  ],
  [
    'a link belongs to the memory it leads from',
    record({}),
    { command_id: 'id', namespace: 'team', from_coord: 'm', to_coord: 'n' },
    { command_id: 'id', namespace: 'team', coord: 'm' },
  ],
  [
    'an event belongs to its memory',
    record({}),
    { command_id: null, memory: { namespace: 'team', coord: 'm' } },
    { ...nobody, namespace: 'team', coord: 'm' },
  ],
  [
    'bytes that cannot be read: by header and key',
    record({ key: 'team/42,17', value: Buffer.from([1, 2]), headers: { 'command-id': 'id' } }),
    undefined,
    { command_id: 'id', namespace: 'team', coord: '42,17' },
  ],
  [
    'JSON that is no record of ours: by its fields',
    json('{"command_id": "id", "namespace": "Wrong Form", "coord": 7}'),
    undefined,
    { command_id: 'id', namespace: 'Wrong Form', coord: null },
  ],
  [
    'JSON without a namespace: by its key',
    json('{"command_id": "id"}'),
    undefined,
    { command_id: 'id', namespace: 'team', coord: 'm' },
  ],
  [
    'JSON that is cut off: by header and key',
    json('{"command_id": "', { 'command-id': 'id' }),
    undefined,
    { command_id: 'id', namespace: 'team', coord: 'm' },
  ],
  [
    'JSON that is no object: by its key',
    json('[1]'),
    undefined,
    { ...nobody, namespace: 'team', coord: 'm' },
  ],
  ['a key without a namespace says nothing', record({ key: 'm' }), undefined, nobody],
  ['a key of another spelling says nothing', record({ key: 'team/42.0,17' }), undefined, nobody],
  ['a key of no namespace says nothing', record({ key: 'No Namespace/m' }), undefined, nobody],
  ['no key at all', record({}), undefined, nobody],
])('%s', (_, given, decoded, owner) => {
  expect(whoseRecord(given, decoded)).toEqual(owner);
});
