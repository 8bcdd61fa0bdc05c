import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonValue } from '@soma/memory';
import type { Asked, History, Told } from '../history/history.js';
import { codeOf, isRecord, send, textIn, type HttpAnswer, type HttpTarget } from './http-client.js';
import type { WriteCall } from './requests.js';
import type { KnownToken, Session } from './session.js';

/** What the rules of memories answer; everything else below 500 was never taken. */
const DECIDED: ReadonlySet<string> = new Set(['version_conflict', 'already_exists', 'memory_not_found']);
/** Not known to be taken, or not known how it ended. */
const MAY_HAVE_HAPPENED = 500;
const MOST_ATTEMPTS = 4;
const RETRY_MS = [200, 500, 1000];

/** What is still owed an answer at the end of a round. */
export interface Unsettled {
  call: WriteCall;
  /** Location of each 202, by command. */
  locations: Map<Asked, string>;
}

export interface Writing {
  target: HttpTarget;
  history: History;
  session: Session;
  token: KnownToken | undefined;
  /** Ends the tries: the workload stops. */
  signal: AbortSignal;
}

/** Sends a call as a caller would: again under its Idempotency-Key while nobody says what became of it. */
export async function write(call: WriteCall, writing: Writing): Promise<Unsettled | undefined> {
  const { history } = writing;
  const started = performance.now();
  for (const asked of call.asked) {
    asked.started = started;
    history.commands.push(asked);
  }
  let answer: HttpAnswer | undefined;
  let token = writing.token;
  let tries = { maybe: false };
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    answer = await send(writing.target, withToken(call, token));
    history.count(`${call.batch ? 'batch' : (call.asked[0]?.type ?? '')} ${statusOf(answer)}`);
    if (answer !== undefined && codeOf(answer) === 'invalid_consistency_token') {
      writing.session.dropToken(call.request.namespace);
      token = undefined;
      continue;
    }
    if (answer !== undefined && answer.status < MAY_HAVE_HAPPENED) break;
    tries = { maybe: true };
    if (call.idempotency_key === null || writing.signal.aborted) break;
    await sleep(RETRY_MS[attempt] ?? 1000, undefined, { signal: writing.signal }).catch(() => undefined);
  }
  const locations = note(call, answer, history, tries);
  if (answer !== undefined) remember(call, answer, token, writing.session);
  const unsettled = call.asked.some(({ told }) => told.outcome === 'promised' || told.outcome === 'unknown');
  return unsettled ? { call, locations } : undefined;
}

function statusOf(answer: HttpAnswer | undefined): string {
  if (answer === undefined) return 'no answer';
  return answer.status < 300 ? String(answer.status) : `${answer.status} ${codeOf(answer)}`;
}

function withToken({ request }: WriteCall, token: KnownToken | undefined) {
  if (token === undefined) return request;
  return { ...request, headers: { ...request.headers, 'Soma-Consistency-Token': token.text } };
}

/**
 * Writes down what an answer says of each command. `maybe`: an earlier try may have been carried out, so that a
 * refusal of this one says nothing. @returns where a promise can be asked after
 */
export function note(
  call: WriteCall,
  answer: HttpAnswer | undefined,
  history: History,
  { maybe }: { maybe: boolean },
): Map<Asked, string> {
  const at = performance.now();
  const locations = new Map<Asked, string>();
  const results = call.batch && answer !== undefined ? resultsOf(answer) : [];
  call.asked.forEach((asked, index) => {
    const said = call.batch ? toldOfItem(results[index], answer) : toldOfAnswer(answer, answer?.body);
    const told: Told = maybe && said.outcome === 'refused' ? { outcome: 'unknown' } : said;
    const id = operationIdOf(call.batch ? results[index] : answer?.body);
    if (id !== null) asked.command_id = id;
    // A later try that got no answer does not make what was promised unknown.
    if (told.outcome === 'unknown' && asked.told.outcome !== 'unknown') return;
    history.tell(asked, told, at);
    if (told.outcome !== 'promised') return;
    const token = answer?.headers.get('soma-consistency-token') ?? null;
    if (id !== null) locations.set(asked, `/operations/${id}${token === null ? '' : `?token=${token}`}`);
  });
  return locations;
}

function resultsOf({ body }: HttpAnswer): JsonValue[] {
  const results = isRecord(body) ? body['results'] : undefined;
  return Array.isArray(results) ? results : [];
}

function toldOfAnswer(answer: HttpAnswer | undefined, body: JsonValue | undefined): Told {
  if (answer === undefined || answer.status >= MAY_HAVE_HAPPENED) return { outcome: 'unknown' };
  if (answer.status < 300) return toldOfResult(answer, body);
  const code = codeOf(answer);
  return DECIDED.has(code) ? { outcome: 'rejected', code } : { outcome: 'refused', code };
}

function toldOfItem(item: JsonValue | undefined, answer: HttpAnswer | undefined): Told {
  if (answer === undefined || answer.status >= 300 || !isRecord(item)) return toldOfAnswer(answer, undefined);
  if (item['ok'] === true) return toldOfResult(answer, item);
  const error = item['error'];
  const code = isRecord(error) ? textIn(error['code']) : 'unknown';
  if (DECIDED.has(code)) return { outcome: 'rejected', code };
  // Of a batch, an item may be refused as an outage while others were taken.
  return UNKNOWN_CODES.has(code) ? { outcome: 'unknown' } : { outcome: 'refused', code };
}

const UNKNOWN_CODES: ReadonlySet<string> = new Set([
  'event_log_unavailable',
  'deadline_exceeded',
  'internal',
  'store_unavailable',
  'overloaded',
  'shutting_down',
]);

function toldOfResult(answer: HttpAnswer, result: JsonValue | undefined): Told {
  if (!isRecord(result)) return { outcome: 'unknown' };
  if (result['status'] === 'accepted') return { outcome: 'promised' };
  const version = typeof result['version'] === 'number' ? result['version'] : null;
  const deleted = typeof result['deleted'] === 'boolean' ? result['deleted'] : null;
  return { outcome: 'done', version, revision: revisionOf(answer), deleted };
}

/** The second half of an ETag. */
export function revisionOf({ headers }: HttpAnswer): number | null {
  const match = /^"\d+-(\d+)"$/.exec(headers.get('etag') ?? '');
  return match === null ? null : Number(match[1]);
}

function operationIdOf(result: JsonValue | undefined): string | null {
  const id = isRecord(result) ? result['operation_id'] : undefined;
  return typeof id === 'string' ? id : null;
}

function remember(call: WriteCall, answer: HttpAnswer, sent: KnownToken | undefined, session: Session): void {
  const token = answer.headers.get('soma-consistency-token');
  if (token !== null) session.keepToken(call.request.namespace, token, call.asked, sent);
  for (const { namespace, key, told, type } of call.asked) {
    if (told.outcome !== 'done' || told.version === null || type === 'link' || type === 'unlink') continue;
    session.keepVersion(namespace, key, told.version, call.batch ? null : answer.headers.get('etag'));
  }
}
