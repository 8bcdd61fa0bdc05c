import { expect, test } from '@jest/globals';
import { isJson, readRedriveHeader, redriveHeader, trackingHeaders, type RecordPosition } from './headers.js';

test('tracking headers hold what is known', () => {
  expect(trackingHeaders({})).toEqual({});
  expect(trackingHeaders({ traceparent: '00-a-b-01', replyTo: 'gateway-1' })).toEqual({
    traceparent: '00-a-b-01',
    'reply-to': 'gateway-1',
  });
});

test('only application/json is JSON', () => {
  expect(isJson({ 'content-type': 'application/json' })).toBe(true);
  expect(isJson({ 'content-type': ' Application/JSON ; charset=utf-8' })).toBe(true);
  expect(isJson({ 'content-type': 'application/jsonlines' })).toBe(false);
  expect(isJson({ 'content-type': 'avro/binary' })).toBe(false);
  expect(isJson({})).toBe(false);
});

test('a redrive names the position it replaces', () => {
  const position: RecordPosition = {
    topic: 'memory.commands',
    generation: 2,
    partition: 23,
    position: 2 ** 39,
  };
  expect(redriveHeader(position)).toEqual({ 'redrive-of': 'memory.commands/2/23/549755813888' });
  expect(readRedriveHeader(redriveHeader(position))).toEqual(position);
});

test.each([
  '',
  '5',
  'memory.commands/1/2',
  'memory.commands/1/2/x',
  'memory.commands/1/2/3/4',
  'other/1/2/3',
  'memory.dlq/1/2/3',
])('a redrive of %j is none', (value) => {
  expect(readRedriveHeader({ 'redrive-of': value })).toBeUndefined();
});
