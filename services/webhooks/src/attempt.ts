import { isSomaError, type Memory } from '@soma/memory';
import type { Reads } from '@soma/reads';
import type { AttemptOutcome, ChangeToTell, DueDelivery, HeldWebhook } from '@soma/webhook-store';
import { messageOf } from './message.js';
import type { WebhookMetrics } from './metrics.js';
import type { ReceiverAnswer, Receivers } from './receiver.js';
import { nextAttemptIn, type RetrySchedule } from './retry-schedule.js';
import { signatureHeaders } from './signature.js';

export interface AttemptDeps {
  reads: Pick<Reads, 'past'>;
  receivers: Receivers;
  schedule: RetrySchedule;
  metrics: WebhookMetrics;
}

const GONE = 410;

export type Attemptable = ChangeToTell & Pick<DueDelivery, 'attempts'>;

export interface Attempt {
  outcome: AttemptOutcome;
  isGone: boolean;
}

/**
 * Reads what is told and sends it. `isGone`: the receiver wants to hear nothing more.
 * @throws what the query service could not answer with: no attempt was made then
 */
export async function attempt(
  delivery: Attemptable,
  webhook: HeldWebhook,
  { reads, ...deps }: AttemptDeps,
): Promise<Attempt> {
  const memory = delivery.event === 'memory.stored' ? await versionOf(delivery, webhook, reads) : null;
  return memory === undefined
    ? { outcome: { kind: 'void' }, isGone: false }
    : attemptWith(memory, delivery, webhook, deps);
}

/** Sends what is known already. */
export async function attemptWith(
  memory: Memory | null,
  delivery: Attemptable,
  webhook: HeldWebhook,
  { receivers, schedule, metrics }: Omit<AttemptDeps, 'reads'>,
): Promise<Attempt> {
  const body = messageOf(delivery, webhook.namespace, memory);
  const timestamp = Math.floor(Date.now() / 1000);
  const signed = signatureHeaders({ id: delivery.operation_id, timestamp, body }, webhook.secrets);
  const headers = { ...signed, 'content-type': 'application/json', 'user-agent': 'SomaFractalMemory' };
  const answer = await metrics.timed(() => receivers.post({ url: webhook.url, headers, body }));
  const outcome = outcomeOf(answer, delivery, schedule);
  metrics.attempted(outcome.kind);
  return { outcome, isGone: 'status' in answer && answer.status === GONE };
}

/** What the memory was at that version; undefined: that is no longer kept. */
async function versionOf(
  { key, version }: Attemptable,
  { namespace }: HeldWebhook,
  reads: Pick<Reads, 'past'>,
): Promise<Memory | undefined> {
  try {
    const asked = { key, user_id: null, deleted_too: true, moment: { version } };
    return await reads.past(namespace, asked, { after: null, waitMs: 0 });
  } catch (error) {
    if (isSomaError(error) && (error.code === 'memory_not_found' || error.code === 'history_expired'))
      return undefined;
    throw error;
  }
}

function outcomeOf(
  answer: ReceiverAnswer,
  { attempts }: Attemptable,
  schedule: RetrySchedule,
): AttemptOutcome {
  if ('status' in answer && answer.status >= 200 && answer.status < 300) return { kind: 'arrived' };
  const failure = 'status' in answer ? `status_${answer.status}` : answer.failure;
  const asked = 'status' in answer ? answer.retryAfterMs : null;
  const againInMs = nextAttemptIn(attempts + 1, schedule, asked);
  return againInMs === undefined ? { kind: 'given_up', failure } : { kind: 'failed', failure, againInMs };
}
