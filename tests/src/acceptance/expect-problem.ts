import { expect } from '@jest/globals';
import type { Problem } from './answers.js';
import type { Answer } from './client.js';

const URN_UUID = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** RFC 9457 as this API fills it in; nothing of stacks in it. */
export function expectProblem(answer: Answer<unknown>, status: number, code: string): Problem {
  const problem = answer.body as Problem | null;
  expect({ status: answer.status, code: problem?.code }).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(problem).toEqual(
    expect.objectContaining({
      type: expect.stringContaining(code),
      title: expect.any(String),
      status,
      detail: expect.any(String),
      instance: expect.stringMatching(URN_UUID),
    }),
  );
  expect(answer.text).not.toMatch(/node_modules|\.js:\d+|\.ts:\d+/);
  return problem as Problem;
}
