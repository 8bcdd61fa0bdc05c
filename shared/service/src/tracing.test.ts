import { describe, expect, test } from '@jest/globals';
import { childOf, continueTrace, formatTraceparent, newTrace, parseTraceparent } from './tracing.js';

const trace_id = '4bf92f3577b34da6a3ce929d0e0e4736';
const span_id = '00f067aa0ba902b7';

describe('traceparent', () => {
  test.each([
    [`00-${trace_id}-${span_id}-01`, true],
    [`00-${trace_id}-${span_id}-00`, false],
    [`00-${trace_id}-${span_id}-03`, true],
    [`cc-${trace_id}-${span_id}-01-what-comes-later`, true],
  ])('%s is read', (header, sampled) => {
    expect(parseTraceparent(header)).toEqual({ trace_id, span_id, sampled });
  });

  test.each([
    undefined,
    '',
    `00-${trace_id}-${span_id}`,
    `00-${trace_id}-${span_id}-01-more`,
    `ff-${trace_id}-${span_id}-01`,
    `00-${'0'.repeat(32)}-${span_id}-01`,
    `00-${trace_id}-${'0'.repeat(16)}-01`,
    `00-${trace_id.toUpperCase()}-${span_id}-01`,
    ` 00-${trace_id}-${span_id}-01`,
  ])('%j is no traceparent', (header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });

  test('what is written can be read', () => {
    for (const trace of [newTrace(), { ...newTrace(), sampled: true }]) {
      expect(parseTraceparent(formatTraceparent(trace))).toEqual(trace);
    }
  });
});

test('a child has the trace of its parent and a span of its own', () => {
  const parent = { trace_id, span_id, sampled: true };
  const child = childOf(parent);
  expect(child).toEqual({ ...parent, span_id: expect.stringMatching(/^[0-9a-f]{16}$/) });
  expect(child.span_id).not.toBe(span_id);
});

test('a trace goes on from a header, and begins without one', () => {
  expect(continueTrace(`00-${trace_id}-${span_id}-01`)).toMatchObject({ trace_id, sampled: true });
  expect(continueTrace('nonsense').trace_id).not.toBe(trace_id);
});
