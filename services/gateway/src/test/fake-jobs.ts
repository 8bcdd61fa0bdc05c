import { randomUUID } from 'node:crypto';
import type { Job, Jobs } from '@soma/jobs';

/** Jobs in memory that nobody does. */
export class FakeJobs implements Jobs {
  readonly all: Job[] = [];

  create({ kind, request, issuer }: Parameters<Jobs['create']>[0]): Promise<Job> {
    const job: Job = {
      job_id: randomUUID(),
      kind,
      state: 'waiting',
      request,
      cursor: null,
      done: 0,
      total: null,
      result: null,
      error: null,
      issuer,
      created_at: Date.now(),
      started_at: null,
      finished_at: null,
    };
    this.all.unshift(job);
    return Promise.resolve(job);
  }

  get(jobId: string): Promise<Job | undefined> {
    return Promise.resolve(this.all.find(({ job_id }) => job_id === jobId));
  }

  list(limit: number): Promise<Job[]> {
    return Promise.resolve(this.all.slice(0, limit));
  }

  async cancel(jobId: string): Promise<Job | undefined> {
    const job = await this.get(jobId);
    if (job?.state === 'waiting') job.state = 'cancelled';
    return job;
  }

  lease(): ReturnType<Jobs['lease']> {
    return Promise.resolve(undefined);
  }

  save(): Promise<boolean> {
    return Promise.resolve(false);
  }

  finish(): Promise<boolean> {
    return Promise.resolve(false);
  }

  removeFinished(): Promise<number> {
    return Promise.resolve(0);
  }
}
