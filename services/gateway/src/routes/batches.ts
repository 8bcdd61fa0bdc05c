import { isSomaError, type Command, type JsonValue } from '@soma/memory';
import { batchCommand, messageCommands, type CommandSource } from '../commands/memory-commands.js';
import { RequestRefused } from '../refusal.js';
import { apiRoute, type Route } from '../route.js';
import { batchAnswer as batchShape } from '../schemas/answers.js';
import { writeQuery, type WriteSchemas } from '../schemas/writes.js';
import type { Submission } from '../submit.js';
import { refusalOfItem } from '../validate.js';
import { batchAnswer } from '../write-answer.js';
import { JSON_ONLY, submitOptions, WRITE_HEADERS, type RouteDeps } from './route-deps.js';

const ANSWERS = {
  200: { description: 'What became of each, in order', schema: batchShape },
  202: { description: 'What is known of each so far, in order', schema: batchShape },
};
const ERRORS = [
  'invalid_consistency_token',
  'payload_too_large',
  'unsupported_media_type',
  'idempotency_key_reused',
  'event_log_unavailable',
] as const;

/** Many writes in one request. */
export function batchRoutes(deps: RouteDeps): Route[] {
  return [postBatch(deps), postMessages(deps)];
}

function postBatch(deps: RouteDeps): Route {
  return apiRoute({
    method: 'post',
    path: '/memories/batch',
    operationId: 'writeBatch',
    summary: 'Store, patch and delete memories; a bad operation spoils no other',
    tag: 'memories',
    access: 'write',
    role: 'writer',
    query: writeQuery,
    body: {
      schema: deps.writes.batch,
      documented: deps.writes.documentedBatch,
      media_types: JSON_ONLY,
      large: true,
    },
    headers: WRITE_HEADERS,
    answers: ANSWERS,
    errors: ERRORS,
    handle: async (request) => {
      const items = request.body.operations as JsonValue[];
      const submissions = items.map((item, index) => submissionOf(item, request, index, deps.writes));
      await refuseReusedKey(submissions, request, deps);
      return batchAnswer(request, await deps.submitter.submit(submissions, submitOptions(request, deps)));
    },
  });
}

function postMessages(deps: RouteDeps): Route {
  return apiRoute({
    method: 'post',
    path: '/memories/messages',
    operationId: 'storeMessages',
    summary: 'Store the messages of a conversation, one memory each, as they are',
    tag: 'memories',
    access: 'write',
    role: 'writer',
    query: writeQuery,
    body: { schema: deps.writes.messages, media_types: JSON_ONLY, large: true },
    headers: WRITE_HEADERS,
    answers: ANSWERS,
    errors: ERRORS,
    handle: async (request) => {
      const submissions = messageCommands(request, request.body).map((command) => ({ command }));
      await refuseReusedKey(submissions, request, deps);
      return batchAnswer(request, await deps.submitter.submit(submissions, submitOptions(request, deps)));
    },
  });
}

function submissionOf(
  item: JsonValue,
  source: CommandSource,
  index: number,
  { operation }: WriteSchemas,
): Submission {
  const parsed = operation.safeParse(item);
  if (parsed.success) return { command: batchCommand(source, index, parsed.data) };
  return refusalOfItem(item, parsed.error, 'the operation');
}

/**
 * Under a key used for another batch, the ids of the first items are taken and those of further items are not: so
 * none is sent once any is found taken. While the store is out the writer still refuses each that is.
 */
async function refuseReusedKey(
  submissions: readonly Submission[],
  { namespace, caller, idempotency_key, request_hash }: CommandSource,
  { operations }: RouteDeps,
): Promise<void> {
  if (idempotency_key === null) return;
  const ids = submissions.flatMap((submission) =>
    'command' in submission ? [idOf(submission.command)] : [],
  );
  try {
    const seen = ids.length === 0 ? [] : await operations({ namespace, caller }, ids);
    const other = seen.some(
      (operation) => operation !== undefined && operation.request_hash !== request_hash,
    );
    if (!other) return;
  } catch (error) {
    if (isSomaError(error) && error.retryable) return;
    throw error;
  }
  throw new RequestRefused('idempotency_key_reused', 'this Idempotency-Key was used for another request');
}

function idOf({ command_id }: Command): string {
  return command_id;
}
