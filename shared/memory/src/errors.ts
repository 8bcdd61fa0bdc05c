/**
 * Every code an error of this project can carry. Codes are stable: callers match on them.
 * `docs/errors.md` documents each; a test proves it.
 * `retryable` says whether the same request, sent again unchanged, may succeed.
 */
export const ERROR_CODES = {
  // What a caller can mend.
  invalid_request: { retryable: false },
  invalid_coord: { retryable: false },
  invalid_filter: { retryable: false },
  invalid_cursor: { retryable: false },
  invalid_consistency_token: { retryable: false },
  namespace_required: { retryable: false },
  missing_token: { retryable: false },
  invalid_token: { retryable: false },
  forbidden: { retryable: false },
  quota_exceeded: { retryable: false },
  memory_not_found: { retryable: false },
  operation_not_found: { retryable: false },
  dead_letter_not_found: { retryable: false },
  token_not_found: { retryable: false },
  webhook_not_found: { retryable: false },
  job_not_found: { retryable: false },
  retention_not_found: { retryable: false },
  no_path: { retryable: false },
  route_not_found: { retryable: false },
  method_not_allowed: { retryable: false },
  not_acceptable: { retryable: false },
  request_timeout: { retryable: true },
  too_many_matched: { retryable: false },
  cancelled: { retryable: false },
  already_settled: { retryable: false },
  history_expired: { retryable: false },
  cursor_expired: { retryable: false },
  version_conflict: { retryable: false },
  already_exists: { retryable: false },
  payload_too_large: { retryable: false },
  uri_too_long: { retryable: false },
  unsupported_media_type: { retryable: false },
  idempotency_key_reused: { retryable: false },
  rate_limited: { retryable: true },
  headers_too_large: { retryable: false },
  // What an operator can mend, or time.
  event_log_unavailable: { retryable: true },
  store_unavailable: { retryable: true },
  index_unavailable: { retryable: true },
  cache_unavailable: { retryable: true },
  embedder_unavailable: { retryable: true },
  query_unavailable: { retryable: true },
  schema_registry_unavailable: { retryable: true },
  auth_unavailable: { retryable: true },
  not_yet_consistent: { retryable: true },
  overloaded: { retryable: true },
  shutting_down: { retryable: true },
  deadline_exceeded: { retryable: true },
  // What a record on a topic can be wrong with; these end in the dead letters.
  undecodable_record: { retryable: false },
  unknown_schema: { retryable: false },
  schema_mismatch: { retryable: false },
  record_too_large: { retryable: false },
  embedding_refused: { retryable: false },
  // What stops a partition or a process until someone looks.
  ownership_lost: { retryable: false },
  standing_lost: { retryable: false },
  log_replaced: { retryable: false },
  log_truncated: { retryable: false },
  invalid_configuration: { retryable: false },
  data_folder_in_use: { retryable: false },
  internal: { retryable: false },
} as const satisfies Record<string, { retryable: boolean }>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** The one family of errors that is thrown. `message` never holds a secret or a payload. */
export class SomaError extends Error {
  override readonly name = 'SomaError';
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? ERROR_CODES[code].retryable;
  }
}

export function isSomaError(error: unknown): error is SomaError {
  return error instanceof SomaError;
}
