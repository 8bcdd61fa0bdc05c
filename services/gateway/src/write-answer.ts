import { formatTime, isSomaError, type Command, type Operation } from '@soma/memory';
import { TOPICS, keptUntil } from '@soma/events';
import { etagOfOperation } from './conditions.js';
import { publicCode, publicDetail } from './problem.js';
import { RequestRefused } from './refusal.js';
import type { Answer, ApiRequest } from './route.js';
import { coordOf, type RefusedSubmission, type Result, type Submitted, type Until } from './submit.js';

type Reached = Extract<Result, { kind: 'reached' }>;
type WriteRequest = Pick<ApiRequest<{ until: Until }, unknown>, 'query' | 'preferences' | 'idempotency_key'>;

/** The answer to one command. @throws what it was refused with */
export function writeAnswer(request: WriteRequest, { results, token }: Submitted): Answer {
  const [result] = results;
  if (result === undefined) throw new RequestRefused('internal', 'a write had no result');
  if (result.kind === 'refused') throw errorOf(result);
  if (result.kind === 'rejected')
    throw rejectionOf(result.operation, sharedHeaders(request, token, [result]));
  const { command, operation } = result;
  const shared = sharedHeaders(request, token, [result]);
  const body = writeResultOf(result);
  if (operation === null || isShort(result, request.query.until)) {
    const location = `/operations/${command.command_id}${token === null ? '' : `?token=${token}`}`;
    return { status: 202, headers: { ...shared, Location: location }, body };
  }
  const headers = { ...shared, ...stateHeaders(command, operation) };
  return { status: operation.created ? 201 : 200, headers, body };
}

/** The answer to several commands: each result by itself. @throws when nothing at all was taken, or the key was reused */
export function batchAnswer(request: WriteRequest, submitted: Submitted): Answer {
  const { results, token } = submitted;
  const refused = results.filter((result) => result.kind === 'refused');
  const wrongKey = refused.find(({ refusal }) => refusal.code === 'idempotency_key_reused');
  if (wrongKey !== undefined) throw errorOf(wrongKey);
  const [first] = refused;
  const nothingTaken = refused.length === results.length;
  if (nothingTaken && first !== undefined && isOutage(first.cause)) throw errorOf(first);
  const short = results.some((result) => result.kind === 'reached' && isShort(result, request.query.until));
  return {
    status: short ? 202 : 200,
    headers: sharedHeaders(request, token, results),
    body: { results: results.map(batchResultOf) },
  };
}

function isOutage(cause: Error | undefined): boolean {
  return isSomaError(cause) && cause.retryable;
}

function isShort({ status }: Reached, until: Until): boolean {
  return status === 'accepted' || (status === 'stored' && until === 'indexed');
}

function sharedHeaders(
  request: WriteRequest,
  token: string | null,
  results: readonly Result[],
): Record<string, string> {
  const { applied } = request.preferences;
  const replayed =
    request.idempotency_key !== null &&
    results.some((result) => result.kind !== 'refused' && result.replayed);
  return {
    ...(token === null ? {} : { 'Soma-Consistency-Token': token }),
    ...(applied === null ? {} : { 'Preference-Applied': applied }),
    ...(replayed ? { 'Idempotency-Replayed': 'true' } : {}),
  };
}

/** A coord needs no escaping: its grammar has only characters that a path segment may have (RFC 3986 section 3.3). */
function stateHeaders(command: Command, operation: Operation): Record<string, string> {
  if (command.type !== 'StoreMemory' && command.type !== 'PatchMemory') return {};
  const etag = etagOfOperation(operation);
  return { Location: `/memories/${operation.coord}`, ...(etag === undefined ? {} : { ETag: etag }) };
}

function writeResultOf({ command, operation, status }: Reached): Record<string, unknown> {
  const type = command.type === 'StoreMemory' ? command.memory_type : null;
  const deletes = command.type === 'DeleteMemory' || command.type === 'UnlinkMemories';
  return {
    coord: operation?.coord ?? coordOf(command),
    namespace: command.namespace,
    memory_type: operation?.memory_type ?? type,
    ok: true,
    status,
    version: operation?.version ?? null,
    operation_id: command.command_id,
    ...(deletes && operation !== null ? { deleted: operation.deleted ?? false } : {}),
    ...(command.type === 'DeleteMemory' && command.erase && operation !== null
      ? { log_clean_by: logCleanBy(operation.finished_at) }
      : {}),
    ...('link_type' in command
      ? { from_coord: command.from_coord, to_coord: command.to_coord, type: command.link_type }
      : {}),
  };
}

/** When the topics have let go of what was written before an erasure. */
function logCleanBy(erasedAt: number): Record<string, string> {
  return Object.fromEntries(
    Object.values(TOPICS).map((topic) => [topic, formatTime(keptUntil(topic, erasedAt))]),
  );
}

function batchResultOf(result: Result): Record<string, unknown> {
  if (result.kind === 'reached') return writeResultOf(result);
  const coord = result.kind === 'refused' ? result.coord : result.operation.coord;
  const refusal = result.kind === 'refused' ? result.refusal : refusalOf(result.operation);
  return { coord, ok: false, status: 'rejected', error: publicRefusal(refusal) };
}

/** A refusal as callers see it. */
export function publicRefusal({ code, detail }: RefusedSubmission['refusal']): {
  code: string;
  detail: string;
} {
  return { code: publicCode(code), detail: publicDetail(code, detail) };
}

function refusalOf({ error }: Operation): RefusedSubmission['refusal'] {
  return error ?? { code: 'internal', detail: 'the command was not carried out' };
}

function rejectionOf(operation: Operation, headers: Record<string, string>): RequestRefused {
  const { code, detail } = refusalOf(operation);
  return new RequestRefused(code, detail, { headers });
}

function errorOf({ refusal, cause }: RefusedSubmission): Error {
  return cause ?? new RequestRefused(refusal.code, refusal.detail);
}
