import { describe, expect, test } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { ERROR_CODES, type ErrorCode } from '@soma/memory';
import { PROBLEMS } from '../problem.js';
import { statusOf } from './status.js';

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

describe('statuses', () => {
  test.each(CODES)('%s has one that says what went wrong', (code) => {
    expect(statusOf(code)).toBeGreaterThan(status.UNKNOWN);
  });

  test('clients that try UNAVAILABLE again by themselves do so with what is worth it, and nothing else', () => {
    const unavailable = CODES.filter((code) => statusOf(code) === status.UNAVAILABLE);
    expect(unavailable).toEqual(CODES.filter((code) => PROBLEMS[code].status === 503));
    for (const code of unavailable) expect(ERROR_CODES[code].retryable).toBe(true);
  });

  test('nothing is CANCELLED but by the caller, and names of our insides stay inside', () => {
    expect(CODES.filter((code) => statusOf(code) === status.CANCELLED)).toEqual([]);
    for (const code of CODES) {
      const { as } = PROBLEMS[code];
      if (as !== undefined) expect(statusOf(code)).toBe(statusOf(as));
    }
  });
});
