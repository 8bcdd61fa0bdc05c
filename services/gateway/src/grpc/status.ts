import { status } from '@grpc/grpc-js';
import type { ErrorCode } from '@soma/memory';
import { PROBLEMS, publicCode } from '../problem.js';

/** Where a status of HTTP says less than one of gRPC can. */
const BY_CODE: Partial<Record<ErrorCode, status>> = {
  // What is used up, not what is forbidden.
  quota_exceeded: status.RESOURCE_EXHAUSTED,
  route_not_found: status.UNIMPLEMENTED,
  // Read it again, and try with what it is now.
  version_conflict: status.ABORTED,
  already_exists: status.ALREADY_EXISTS,
  cancelled: status.ABORTED,
};

const BY_HTTP_STATUS: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  405: status.UNIMPLEMENTED,
  406: status.INVALID_ARGUMENT,
  408: status.DEADLINE_EXCEEDED,
  409: status.FAILED_PRECONDITION,
  410: status.OUT_OF_RANGE,
  412: status.FAILED_PRECONDITION,
  // As gRPC's own libraries answer a message that is too large.
  413: status.RESOURCE_EXHAUSTED,
  414: status.INVALID_ARGUMENT,
  415: status.INVALID_ARGUMENT,
  422: status.FAILED_PRECONDITION,
  429: status.RESOURCE_EXHAUSTED,
  431: status.RESOURCE_EXHAUSTED,
  500: status.INTERNAL,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
};

/** The status of gRPC for a code of this service. */
export function statusOf(code: ErrorCode): status {
  const shown = publicCode(code);
  return BY_CODE[shown] ?? BY_HTTP_STATUS[PROBLEMS[shown].status] ?? status.UNKNOWN;
}
