import { setTimeout as sleep } from 'node:timers/promises';
import type { Asked, History } from '../history/history.js';
import { codeOf, isRecord, send, textIn, type HttpTarget } from './http-client.js';
import { note, type Unsettled } from './writes.js';

const PAUSE_MS = 200;

/**
 * Asks after everything that was promised, and sends again what has an Idempotency-Key and no answer, until each has
 * an end. @returns what had none within the limit
 */
export async function settle(
  owed: readonly Unsettled[],
  target: HttpTarget,
  history: History,
  limitMs: number,
): Promise<Asked[]> {
  const deadline = performance.now() + limitMs;
  let open = owed.filter(isOpen);
  while (open.length > 0 && performance.now() < deadline) {
    for (const one of open) await settleOne(one, target, history);
    open = open.filter(isOpen);
    if (open.length > 0) await sleep(PAUSE_MS);
  }
  return open.flatMap(({ call }) => call.asked.filter((asked) => isOwed(asked)));
}

function isOpen({ call }: Unsettled): boolean {
  return call.asked.some(isOwed);
}

/** Without a key nobody can ask what became of a call that got no answer. */
function isOwed({ told, idempotency_key }: Asked): boolean {
  return told.outcome === 'promised' || (told.outcome === 'unknown' && idempotency_key !== null);
}

async function settleOne(one: Unsettled, target: HttpTarget, history: History): Promise<void> {
  const { call, locations } = one;
  if (call.asked.some(({ told }) => told.outcome === 'unknown') && call.idempotency_key !== null) {
    const answer = await send(target, call.request);
    for (const [asked, location] of note(call, answer, history, { maybe: true }))
      locations.set(asked, location);
  }
  for (const asked of call.asked) {
    const location = locations.get(asked);
    if (asked.told.outcome === 'promised' && location !== undefined) {
      await askAfter(asked, location, one, target, history);
    }
  }
}

async function askAfter(
  asked: Asked,
  location: string,
  { locations }: Unsettled,
  target: HttpTarget,
  history: History,
): Promise<void> {
  const answer = await send(target, { method: 'GET', path: location, namespace: asked.namespace });
  if (answer === undefined) return;
  // The token is of a log that was replaced; without it the operation is found all the same.
  if (codeOf(answer) === 'invalid_consistency_token')
    locations.set(asked, location.split('?')[0] ?? location);
  if (answer.status !== 200 || !isRecord(answer.body)) return;
  const { status, version, deleted, error } = answer.body;
  const now = performance.now();
  if (status === 'stored' || status === 'indexed') {
    const known = {
      version: typeof version === 'number' ? version : null,
      revision: null,
      deleted: typeof deleted === 'boolean' ? deleted : null,
    };
    history.tell(asked, { outcome: 'done', ...known }, now);
  } else if (status === 'rejected' || status === 'dead_lettered') {
    const code = isRecord(error) ? textIn(error['code']) : status;
    history.tell(asked, { outcome: 'rejected', code }, now);
  }
}
