import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { errorOfAnswer, isRetryableStatus } from './errors.js';
import { DEFAULT_RETRY, pauseAfter } from './retry.js';

const failed = (headers: Record<string, string> = {}) => errorOfAnswer(503, new Headers(headers), undefined);

test('pauses are anything up to a bound that doubles, and ends', () => {
  const options = { ...DEFAULT_RETRY, baseMs: 100, maxMs: 1_000 };
  const longest = [1, 2, 3, 4, 5, 60].map((attempt) => pauseAfter(attempt, failed(), options, () => 1));
  expect(longest).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  expect(pauseAfter(5, failed(), options, () => 0)).toBe(0);
});

test('Retry-After is a least, in seconds or as a date', () => {
  expect(pauseAfter(1, failed({ 'Retry-After': '2' }), DEFAULT_RETRY, () => 0.5)).toBe(2_050);
  const date = new Date(Date.now() + 10_000).toUTCString();
  expect(pauseAfter(1, failed({ 'Retry-After': date }), DEFAULT_RETRY, () => 0)).toBeGreaterThan(8_000);
  expect(pauseAfter(1, failed({ 'Retry-After': 'soon' }), DEFAULT_RETRY, () => 0)).toBe(0);
});

/** Code, HTTP status and "Again?" of every code that callers see. */
const documented = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, code, status, again] =
      /^\| <a id="(\w+)"><\/a>\S+ +\| (\d{3}) *\| (yes|no) *\|/.exec(line) ?? [];
    return code === undefined ? [] : [{ code, status: Number(status), again: again === 'yes' }];
  });

test('what is tried again is what docs/errors.md says may be', () => {
  expect(documented.length).toBeGreaterThan(30);
  const otherwise = documented.filter(({ status, again }) => isRetryableStatus(status) !== again);
  expect(otherwise).toEqual([]);
});
