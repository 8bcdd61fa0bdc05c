import type { JsonObject } from '@soma/memory';
import { until } from '../system/index.js';
import type { Answer, Client } from './client.js';

export interface JobAnswer {
  job_id: string;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  result: JsonObject | null;
  error: { code: string; detail: string } | null;
}

/** Admin routes have a rate, and other tests ask them too. */
const ASK_MS = 200;

/** The job of a 202, once it is over. */
export async function ended(client: Client, accepted: Answer<{ job: JobAnswer }>): Promise<JobAnswer> {
  if (accepted.status !== 202) throw new Error(`no job was made: ${accepted.status} ${accepted.text}`);
  const path = accepted.headers.get('location') ?? '';
  let asked = -Infinity;
  return until('the job to be over', 60_000, async () => {
    if (performance.now() - asked < ASK_MS) return undefined;
    asked = performance.now();
    const { body } = await client.call<{ job: JobAnswer }>('GET', path);
    return body.job.state === 'waiting' || body.job.state === 'running' ? undefined : body.job;
  });
}
