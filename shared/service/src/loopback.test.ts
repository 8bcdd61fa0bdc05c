import { expect, test } from '@jest/globals';
import { isLoopbackName } from './loopback.js';

test('loopback names are told from names that only look like one', () => {
  const names = ['localhost', 'LOCALHOST', 'a.localhost', '127.0.0.1', '127.9.9.9', '[::1]', '::1'];
  expect(names.map(isLoopbackName)).not.toContain(false);
  expect(
    ['localhost.evil.test', '127.0.0.1.evil.test', '0.0.0.0', '128.0.0.1', 'evil'].map(isLoopbackName),
  ).not.toContain(true);
});
