import { randomBytes } from 'node:crypto';

/**
 * Where in a distributed trace a piece of work stands: W3C Trace Context Level 1, section 3.2. It travels in the
 * `traceparent` header of requests and records, and its `trace_id` in logs.
 */
export interface Trace {
  /** 32 lower-case hexadecimal digits, not all zero. */
  trace_id: string;
  /** Of the work itself; the parent of what it calls. 16 digits, not all zero. */
  span_id: string;
  /** The caller records this trace. Passed on as it came. */
  sampled: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZEROS = /^0+$/;

/** Undefined for a header that is absent or malformed: the trace then begins anew, as the recommendation asks. */
export function parseTraceparent(header: string | undefined): Trace | undefined {
  const [, version, traceId, spanId, flags, rest] = TRACEPARENT.exec(header ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  // Version 00 has four fields; later ones may have more, ff is forbidden.
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (ZEROS.test(traceId) || ZEROS.test(spanId)) return undefined;
  return { trace_id: traceId, span_id: spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent(trace: Trace): string {
  return `00-${trace.trace_id}-${trace.span_id}-${trace.sampled ? '01' : '00'}`;
}

/** Goes on with the trace of a `traceparent` header under a span of its own, or begins one. */
export function continueTrace(header: string | undefined): Trace {
  const parent = parseTraceparent(header);
  return parent === undefined ? newTrace() : childOf(parent);
}

export function newTrace(): Trace {
  return { trace_id: randomId(16), span_id: randomId(8), sampled: false };
}

export function childOf(parent: Trace): Trace {
  return { ...parent, span_id: randomId(8) };
}

function randomId(bytes: number): string {
  const id = randomBytes(bytes).toString('hex');
  return ZEROS.test(id) ? randomId(bytes) : id;
}
