import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRecord, send, type HttpTarget } from '../workload/http-client.js';

/** Milliseconds from the healing to the first write that was acknowledged as stored, and to it being found. */
export interface Recovery {
  written: number;
  found: number;
}

/** Namespace of the probes: no other check looks there. */
const NAMESPACE = 'own-recovery';
const PAUSE_MS = 50;

/** @returns undefined when it did not recover within the limit */
export async function untilRecovered(
  target: HttpTarget,
  healedAt: number,
  limitMs: number,
): Promise<Recovery | undefined> {
  const word = `probe${randomUUID().replaceAll('-', '')}`;
  const deadline = performance.now() + limitMs;
  const written = await until(deadline, async () => {
    const body = JSON.stringify({ payload: { text: word } });
    const headers = { Prefer: 'wait=2' };
    const path = `/memories/${word}`;
    const answer = await send(target, { method: 'PUT', path, namespace: NAMESPACE, headers, body });
    return answer?.status === 201 || answer?.status === 200;
  });
  if (written === undefined) return undefined;
  const found = await until(deadline, async () => {
    const body = JSON.stringify({ query: word, mode: 'keyword', top_k: 1 });
    const answer = await send(target, {
      method: 'POST',
      path: '/memories/search',
      namespace: NAMESPACE,
      body,
    });
    if (answer?.status !== 200 || !isRecord(answer.body)) return false;
    // A degraded search asks Postgres; recovered is when the index answers again.
    const { memories, degraded } = answer.body;
    return degraded === false && Array.isArray(memories) && memories.length > 0;
  });
  return found === undefined ? undefined : { written: written - healedAt, found: found - healedAt };
}

async function until(deadline: number, attempt: () => Promise<boolean>): Promise<number | undefined> {
  while (performance.now() < deadline) {
    if (await attempt()) return performance.now();
    await sleep(PAUSE_MS);
  }
  return undefined;
}
