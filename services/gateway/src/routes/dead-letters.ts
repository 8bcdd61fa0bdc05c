import type { KeptDeadLetter } from '@soma/ledger';
import { RequestRefused } from '../refusal.js';
import { adminRoute, type Route } from '../route.js';
import {
  deadLetterAnswer,
  deadLettersAnswer,
  deadLettersQuery,
  discardedAnswer,
  redriveBody,
  redrivenAnswer,
} from '../schemas/dead-letters.js';
import { noQuery } from '../schemas/reads.js';
import { currentOf, presentCurrent, presentEntry, presentLetter, readLetter } from './dead-letter-views.js';
import { cursorAfter, numberOfCursor, pageOf } from './page-cursor.js';
import { redrive } from './redrive.js';
import { JSON_ONLY, type AdminRouteDeps } from './route-deps.js';

/** What was refused for good, in all namespaces and groups: to look at, send again or put aside. */
export function deadLetterRoutes(deps: AdminRouteDeps): Route[] {
  return [listLetters(deps), showLetter(deps), redriveLetter(deps), discardLetter(deps)];
}

function listLetters({ ledger }: AdminRouteDeps): Route {
  return adminRoute({
    method: 'get',
    path: '/admin/dead-letters',
    operationId: 'listDeadLetters',
    summary: 'Records that were refused for good, of all namespaces, newest first',
    query: deadLettersQuery,
    answers: { 200: { description: 'One page, without what the records hold', schema: deadLettersAnswer } },
    errors: ['invalid_cursor'],
    handle: async ({ query: { limit, cursor, ...filters } }) => {
      const { status = null, group = null, code = null, topic = null, namespace = null } = filters;
      const asked = [status, group, code, topic, namespace];
      const before = numberOfCursor(cursor, asked);
      const query = { status, group, code, topic, namespace, before, limit: limit + 1 };
      const found = await ledger.deadLetters(query);
      const { page, next_cursor } = pageOf(found, limit, ({ id }) => cursorAfter(id, asked));
      return { status: 200, body: { dead_letters: page.map(presentEntry), next_cursor } };
    },
  });
}

function showLetter(deps: AdminRouteDeps): Route {
  return adminRoute({
    method: 'get',
    path: '/admin/dead-letters/{id}',
    operationId: 'getDeadLetter',
    summary: 'A refused record with its bytes, and what became of its memory since',
    // It shows what somebody sent.
    isAdminAct: () => true,
    query: noQuery,
    answers: { 200: { description: 'The dead letter', schema: deadLetterAnswer } },
    errors: ['dead_letter_not_found'],
    handle: async ({ params }) => {
      const letter = await find(params['id'], deps);
      const reading = await readLetter(letter, deps.codec);
      const current = await currentOf(letter, reading.record, deps);
      return { status: 200, body: { dead_letter: presentLetter(letter, reading, current) } };
    },
  });
}

function redriveLetter(deps: AdminRouteDeps): Route {
  return adminRoute({
    method: 'post',
    path: '/admin/dead-letters/{id}/redrive',
    operationId: 'redriveDeadLetter',
    summary: 'Send a refused record again, under its own id, in the namespace it came for',
    query: noQuery,
    body: { schema: redriveBody, media_types: JSON_ONLY },
    answers: {
      202: { description: 'It was sent; its operation tells how it ends', schema: redrivenAnswer },
    },
    errors: [
      'dead_letter_not_found',
      'already_settled',
      'version_conflict',
      'payload_too_large',
      'unsupported_media_type',
      'event_log_unavailable',
    ],
    handle: async ({ params, body, caller }) => {
      const letter = await find(params['id'], deps);
      const redriven = await redrive(letter, { force: body.force, by: caller.subject }, deps);
      const { current, following } = redriven;
      const dead_letter = presentEntry(await find(params['id'], deps));
      const operation_id = following?.operation_id ?? null;
      return {
        status: 202,
        headers: following === null ? {} : headersToFollow(following),
        body: { dead_letter, operation_id, current: presentCurrent(current) },
      };
    },
  });
}

/** Both belong to the namespace of the letter, whatever the request named. */
function headersToFollow({ operation_id, token }: { operation_id: string; token: string }) {
  return {
    'Soma-Consistency-Token': token,
    Location: `/operations/${operation_id}?token=${token}`,
  };
}

function discardLetter(deps: AdminRouteDeps): Route {
  return adminRoute({
    method: 'post',
    path: '/admin/dead-letters/{id}/discard',
    operationId: 'discardDeadLetter',
    summary: 'Put a refused record aside; it stays to be looked at',
    query: noQuery,
    answers: { 200: { description: 'It is discarded', schema: discardedAnswer } },
    errors: ['dead_letter_not_found', 'already_settled'],
    handle: async ({ params, caller }) => {
      const { id } = await find(params['id'], deps);
      const change = { id, by: caller.subject, redriven_to: null, force: false };
      const settled = await deps.ledger.settleDeadLetter(change);
      const letter = await find(params['id'], deps);
      if (!settled) throw new RequestRefused('already_settled', `it was ${letter.status} before`);
      return { status: 200, body: { dead_letter: presentEntry(letter) } };
    },
  });
}

async function find(
  id: string | undefined,
  { ledger }: Pick<AdminRouteDeps, 'ledger'>,
): Promise<KeptDeadLetter> {
  const letter = /^[1-9]\d{0,14}$/.test(id ?? '') ? await ledger.deadLetter(Number(id)) : undefined;
  if (letter === undefined) throw new RequestRefused('dead_letter_not_found', 'no dead letter has this id');
  return letter;
}
