import { expect, test } from '@jest/globals';
import { ApiError } from '../../api-client.js';
import { patiently } from './load-set.js';

const REPLY = { body: 'done', headers: new Headers() };

function failing(times: number, status: number) {
  let calls = 0;
  const call = async () => {
    calls += 1;
    if (calls <= times)
      throw new ApiError('refused', new Response(null, { status, headers: { 'Retry-After': '0' } }));
    return REPLY;
  };
  return { call, calls: () => calls };
}

test.each([429, 503])('%d is tried again', async (status) => {
  const { call, calls } = failing(2, status);
  await expect(patiently(Infinity, call)).resolves.toBe(REPLY);
  expect(calls()).toBe(3);
});

test('another refusal is final', async () => {
  const { call, calls } = failing(1, 400);
  await expect(patiently(Infinity, call)).rejects.toThrow('refused');
  expect(calls()).toBe(1);
});

test('patience ends at the deadline', async () => {
  const { call } = failing(Infinity, 503);
  await expect(patiently(-Infinity, call)).rejects.toThrow('refused');
});
