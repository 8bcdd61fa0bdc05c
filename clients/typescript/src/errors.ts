import type { components } from './generated/api.js';

type Problem = components['schemas']['Problem'];

/** Where in a request something is wrong: an RFC 6901 pointer into the body, or a parameter's or header's name. */
export type Fault = NonNullable<Problem['errors']>[number];

export interface SomaErrorDetails {
  code: string;
  status: number | null;
  retryable: boolean;
  request_id?: string | null;
  faults?: readonly Fault[];
  retry_after_ms?: number | null;
  consistency_token?: string | null;
  cause?: unknown;
}

/**
 * Everything that this package throws, save for wrong arguments (TypeError) and what an AbortSignal was aborted with.
 *
 * `code` is the service's own (docs/errors.md lists them), or one of these where no answer of the service came:
 * - `unreachable`: nobody answered, or the connection was cut;
 * - `deadline_exceeded`: the time for the call was over (the service has the same code, then `status` is 504);
 * - `unexpected_answer`: what answered is not this service: a proxy, another program;
 * - `session_busy`: too many writes of one session wait for their turn.
 */
export class SomaError extends Error {
  override readonly name = 'SomaError';
  readonly code: string;
  /** HTTP status; null when no answer came. */
  readonly status: number | null;
  /** May the same call succeed later? It was tried again as often as the options allow. */
  readonly retryable: boolean;
  /** Names the request in the service's logs; null when no answer came. */
  readonly requestId: string | null;
  readonly faults: readonly Fault[];
  /** What the service asks to wait, milliseconds. */
  readonly retryAfterMs: number | null;
  /** Of a rejected write: a read with it sees what the write was rejected for. */
  readonly consistencyToken: string | null;

  constructor(message: string, details: SomaErrorDetails) {
    super(`${details.code}: ${message}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.status = details.status;
    this.retryable = details.retryable;
    this.requestId = details.request_id ?? null;
    this.faults = details.faults ?? [];
    this.retryAfterMs = details.retry_after_ms ?? null;
    this.consistencyToken = details.consistency_token ?? null;
  }
}

/** Of an answer other than 2xx. `body` is undefined when it is no JSON. */
export function errorOfAnswer(status: number, headers: Headers, body: unknown): SomaError {
  const shared = {
    status,
    retryable: isRetryableStatus(status),
    request_id: headers.get('x-request-id'),
    retry_after_ms: retryAfterMs(headers.get('retry-after')),
    consistency_token: headers.get('soma-consistency-token'),
  };
  if (!isProblem(body)) return unexpectedAnswer(status, shared);
  const faults = body.errors ?? [];
  const places = faults.map((fault) => {
    const place = fault.pointer ?? fault.parameter ?? fault.header ?? '';
    return `${place}: ${fault.detail}`;
  });
  const message = [body.detail, ...places].join('; ');
  return new SomaError(message, { ...shared, code: body.code, faults });
}

export function unexpectedAnswer(status: number, details: Partial<SomaErrorDetails> = {}): SomaError {
  return new SomaError(`an answer ${status} that is not SomaFractalMemory's`, {
    retryable: false,
    ...details,
    code: 'unexpected_answer',
    status,
  });
}

/** As docs/errors.md has it for the codes; for answers of proxies too. 500 is a bug, and stays one. */
export function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 429 || (status > 500 && status < 600);
}

/** Seconds, or a date (RFC 9110 section 10.2.3); null for anything else. */
function retryAfterMs(header: string | null): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - Date.now());
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  const { code, detail, errors } = body as Partial<Record<keyof Problem, unknown>>;
  return (
    typeof code === 'string' && typeof detail === 'string' && (errors === undefined || Array.isArray(errors))
  );
}
