import { describe, expect, test } from '@jest/globals';
import type { Command } from '@soma/memory';
import { SAMPLE_COMMANDS } from './fixtures/sample-records.js';
import { partitionOf } from './murmur2.js';
import { expectedKey, isMisrouted } from './route.js';

describe('expectedKey', () => {
  test.each(SAMPLE_COMMANDS)('is the namespace and the canonical coord: $type', (command) => {
    const coord = 'coord' in command ? command.coord : command.from_coord;
    expect(expectedKey(command)).toBe(coord.startsWith('42') ? 'team-a/42,17' : 'team-a/user:1');
  });

  test('is refused to a command that has no valid coord', () => {
    const command = { ...SAMPLE_COMMANDS[0], coord: '1,x' } as Command;
    expect(() => expectedKey(command)).toThrow(expect.objectContaining({ code: 'invalid_coord' }));
  });
});

test('isMisrouted tells the one right partition from the others', () => {
  for (const command of SAMPLE_COMMANDS) {
    const right = partitionOf(expectedKey(command), 24);
    const misrouted = Array.from({ length: 24 }, (_, partition) => isMisrouted({ partition }, command, 24));
    expect(misrouted).toEqual(misrouted.map((_, partition) => partition !== right));
  }
});
