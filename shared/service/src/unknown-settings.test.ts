import { expect, test } from '@jest/globals';
import { warnOfUnknownSettings } from './unknown-settings.js';

const known = ['SOMA_API_PORT', 'SOMA_API_TOKEN', 'SOMA_LOG_LEVEL'];

test('what is known, and what is not ours, is passed over', () => {
  expect(warnOfUnknownSettings(known, { SOMA_API_PORT: '1', PATH: '/bin', SOMATIC: 'x' })).toEqual([]);
});

test('a misspelling is told with the name that was meant, never with its value', () => {
  expect(warnOfUnknownSettings(known, { SOMA_API_TOKN: 'hunter2', SOMA_LOGLEVEL: 'debug' })).toEqual([
    'SOMA_API_TOKN is not a setting and has no effect; did you mean SOMA_API_TOKEN?',
    'SOMA_LOGLEVEL is not a setting and has no effect; did you mean SOMA_LOG_LEVEL?',
  ]);
});

test('far from every name: only told', () => {
  expect(warnOfUnknownSettings(known, { SOMA_COMPLETELY_DIFFERENT_THING: '1' })).toEqual([
    'SOMA_COMPLETELY_DIFFERENT_THING is not a setting and has no effect',
  ]);
});
