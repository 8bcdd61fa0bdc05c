import { isSomaError, type ErrorCode } from '@soma/memory';
import { RequestRefused, type Fault } from './refusal.js';

/** What the HTTP face says for a code. `as`: the code callers see, for those that name our insides. */
interface ProblemKind {
  status: number;
  title: string;
  as?: ErrorCode;
}

const INSIDE: ProblemKind = { status: 500, title: 'Something went wrong here', as: 'internal' };
const STORE_OUT: ProblemKind = { status: 503, title: 'The store does not answer', as: 'store_unavailable' };
const LOG_OUT: ProblemKind = {
  status: 503,
  title: 'The event log does not answer',
  as: 'event_log_unavailable',
};

export const PROBLEMS: Record<ErrorCode, ProblemKind> = {
  invalid_request: { status: 400, title: 'The request is not valid' },
  invalid_coord: { status: 400, title: 'The coord is not valid' },
  invalid_filter: { status: 400, title: 'The filter is not valid' },
  invalid_cursor: { status: 400, title: 'The cursor is not valid' },
  invalid_consistency_token: {
    status: 400,
    title: 'The consistency token is not of this installation and namespace',
  },
  namespace_required: { status: 400, title: 'The request must name a namespace' },
  missing_token: { status: 401, title: 'A bearer token is needed' },
  invalid_token: { status: 401, title: 'The bearer token is not valid' },
  forbidden: { status: 403, title: 'This is not allowed' },
  quota_exceeded: { status: 403, title: 'A quota is used up' },
  memory_not_found: { status: 404, title: 'There is no such memory' },
  operation_not_found: { status: 404, title: 'There is no such operation' },
  dead_letter_not_found: { status: 404, title: 'There is no such dead letter' },
  token_not_found: { status: 404, title: 'There is no such token' },
  webhook_not_found: { status: 404, title: 'There is no such webhook' },
  job_not_found: { status: 404, title: 'There is no such job' },
  retention_not_found: { status: 404, title: 'There is no such retention policy' },
  no_path: { status: 404, title: 'There is no such path' },
  route_not_found: { status: 404, title: 'There is no such route' },
  method_not_allowed: { status: 405, title: 'The route does not have this method' },
  not_acceptable: { status: 406, title: 'The answer is not to be had in an accepted media type' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  too_many_matched: { status: 409, title: 'More was matched than the request allows' },
  cancelled: { status: 409, title: 'The work was cancelled before its end' },
  already_settled: { status: 409, title: 'The dead letter was dealt with before' },
  history_expired: { status: 410, title: 'That part of the history is no longer kept' },
  cursor_expired: { status: 410, title: 'The cursor is too old' },
  version_conflict: { status: 412, title: 'The memory is not at the version that the request asks for' },
  already_exists: { status: 412, title: 'There is a memory already' },
  payload_too_large: { status: 413, title: 'The content is too large' },
  uri_too_long: { status: 414, title: 'The request target is too long' },
  unsupported_media_type: { status: 415, title: 'The media type is not taken here' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used for another request' },
  rate_limited: { status: 429, title: 'Too many requests' },
  headers_too_large: { status: 431, title: 'The header fields are too large' },
  event_log_unavailable: { status: 503, title: 'The event log does not answer' },
  store_unavailable: { status: 503, title: 'The store does not answer' },
  index_unavailable: STORE_OUT,
  cache_unavailable: STORE_OUT,
  embedder_unavailable: STORE_OUT,
  query_unavailable: STORE_OUT,
  schema_registry_unavailable: LOG_OUT,
  auth_unavailable: { status: 503, title: 'Tokens cannot be checked at the moment' },
  not_yet_consistent: { status: 503, title: 'The writes of the consistency token are not visible yet' },
  overloaded: { status: 503, title: 'There is too much to do' },
  shutting_down: { status: 503, title: 'This process is stopping' },
  deadline_exceeded: { status: 504, title: 'The answer was not ready in time' },
  undecodable_record: INSIDE,
  unknown_schema: INSIDE,
  schema_mismatch: INSIDE,
  record_too_large: { status: 413, title: 'The content is too large', as: 'payload_too_large' },
  embedding_refused: INSIDE,
  ownership_lost: INSIDE,
  standing_lost: INSIDE,
  log_replaced: INSIDE,
  log_truncated: INSIDE,
  invalid_configuration: INSIDE,
  data_folder_in_use: INSIDE,
  internal: { status: 500, title: 'Something went wrong here' },
};

/** RFC 9457, with the fields this API adds: code and errors. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  instance: string;
  errors?: readonly Fault[];
}

export interface ProblemAnswer {
  problem: Problem;
  headers: Record<string, string>;
}

export interface ProblemContext {
  request_id: string;
  /** Where the codes are documented; `#<code>` is appended. */
  docs_url: string;
}

/** Seconds after which a 503 is worth another try, when nothing better is known. */
const RETRY_AFTER_SECONDS = 1;

/** The code that callers see. */
export function publicCode(code: ErrorCode): ErrorCode {
  return PROBLEMS[code].as ?? code;
}

/** The sentence that callers see: of errors that name our insides, the title only. */
export function publicDetail(code: ErrorCode, detail: string): string {
  return PROBLEMS[code].as === undefined && code !== 'internal' ? detail : PROBLEMS[code].title;
}

/** What a thrown value becomes on the wire. A value that is no SomaError is a bug: internal, without its message. */
export function problemOf(error: unknown, context: ProblemContext): ProblemAnswer {
  const code: ErrorCode = isSomaError(error) ? error.code : 'internal';
  const { status, title } = PROBLEMS[code];
  const shown = publicCode(code);
  const refused = error instanceof RequestRefused ? error : undefined;
  const problem: Problem = {
    type: `${context.docs_url}#${shown}`,
    title,
    status,
    detail: publicDetail(code, isSomaError(error) ? error.message : title),
    code: shown,
    instance: `urn:uuid:${context.request_id}`,
    ...(refused !== undefined && refused.faults.length > 0 ? { errors: refused.faults } : {}),
  };
  const retry = status === 503 ? { 'Retry-After': String(RETRY_AFTER_SECONDS) } : {};
  return { problem, headers: { ...retry, ...refused?.headers } };
}
