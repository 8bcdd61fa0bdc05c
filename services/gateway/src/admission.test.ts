import { describe, expect, test } from '@jest/globals';
import { Admission } from './admission.js';

const overloaded = expect.objectContaining({ code: 'overloaded' });

describe('admission', () => {
  test('lets so many requests in at a time, and another once one has left', () => {
    const admission = new Admission({ maxRequests: 2, maxBodyBytes: 100, maxAnswerBytes: 100 });
    const leave = admission.enter();
    admission.enter();
    expect(() => admission.enter()).toThrow(overloaded);
    expect(admission.requests).toBe(2);
    leave();
    leave();
    admission.enter();
    expect(() => admission.enter()).toThrow(overloaded);
  });

  test('holds bodies up to so many bytes, and one that is larger when it is alone', () => {
    const admission = new Admission({ maxRequests: 10, maxBodyBytes: 100, maxAnswerBytes: 100 });
    const giveBack = admission.holdBody(1_000);
    expect(() => admission.holdBody(1)).toThrow(overloaded);
    giveBack();
    giveBack();
    admission.holdBody(60);
    expect(() => admission.holdBody(41)).toThrow(overloaded);
    admission.holdBody(40);
    expect(admission.bodyBytes).toBe(100);
  });
});
