import { randomUUID } from 'node:crypto';
import type { Job, Jobs, RequestedJob } from '@soma/jobs';

/** Jobs in memory that nobody does. */
export class FakeJobs implements Jobs {
  readonly all: Job[] = [];

  create({ kind, request, issuer }: Parameters<Jobs['create']>[0]): Promise<Job> {
    const asked = { kind, request, issuer, namespace: null, request_hash: null };
    return Promise.resolve(this.#add({ job_id: randomUUID(), ...asked }));
  }

  async request({ max_open, ...asked }: RequestedJob): ReturnType<Jobs['request']> {
    const known = await this.get(asked.job_id);
    if (known !== undefined) return { job: known, created: false };
    const open = this.all.filter(
      ({ namespace, finished_at }) => namespace === asked.namespace && finished_at === null,
    );
    return open.length < max_open ? { job: this.#add(asked), created: true } : undefined;
  }

  #add(asked: Pick<Job, 'job_id' | 'kind' | 'request' | 'issuer' | 'namespace' | 'request_hash'>): Job {
    const job: Job = {
      ...asked,
      state: 'waiting',
      cursor: null,
      done: 0,
      total: null,
      result: null,
      error: null,
      created_at: Date.now(),
      started_at: null,
      finished_at: null,
    };
    this.all.unshift(job);
    return job;
  }

  /** As the service that does the latest job would end it. */
  end(change: Partial<Job>): void {
    const [latest] = this.all;
    if (latest === undefined) throw new Error('no job was asked for');
    Object.assign(latest, { state: 'done', finished_at: Date.now() }, change);
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
