import { setTimeout as sleep } from 'node:timers/promises';
import { SomaError } from '@soma/memory';
import { backoffMs, withTimeout } from '@soma/service';
import { gaveUp } from '../gave-up.js';
import type { Settings } from './config.js';
import { requestVectors, type Reply } from './request.js';
import type { Slots } from './slots.js';

type Answer = Exclude<Reply, { kind: 'outage' }>;

/** Longest pause between two attempts, milliseconds; whoever asks for more is out for now. */
const MAX_PAUSE_MS = 10_000;
const BACKOFF = { minMs: 200, maxMs: MAX_PAUSE_MS };

/**
 * One request, repeated while the endpoint may answer soon.
 * @throws embedder_unavailable
 */
export async function askEndpoint(
  settings: Settings,
  slots: Slots,
  texts: string[],
  dimension: number | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const reply = await slots.run(signal, () =>
      withTimeout(
        {
          ms: settings.timeoutMs,
          late: () => new Error(`no answer within ${settings.timeoutMs} ms`),
          signal,
        },
        (limited) => requestVectors(settings, texts, dimension, limited),
      ),
    );
    if (reply.kind !== 'outage') return reply;
    if (signal.aborted) throw gaveUp(signal);
    const pauseMs = reply.retryAfterMs ?? backoffMs(attempt - 1, BACKOFF);
    settings.warn(
      { model: settings.model, attempt, reason: reply.reason, texts: texts.length },
      'the embedding endpoint failed',
    );
    if (!reply.again || attempt >= settings.maxAttempts || pauseMs > MAX_PAUSE_MS) {
      throw new SomaError('embedder_unavailable', `the embedding endpoint ${reply.reason}`, {
        cause: reply.cause,
      });
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => {
      throw gaveUp(signal);
    });
  }
}
