import { isSomaError, SomaError, type JsonObject } from '@soma/memory';
import { counter, gauge, retryUntilDone, type Logger, type Service } from '@soma/service';
import type { Registry } from 'prom-client';
import type { Job, JobKind, JobLease, Jobs, JobStep } from './port.js';

/** What a handler is given beside the job. */
export interface JobWork {
  job: Job;
  /** Aborted when the process stops, the lease is lost, or the job is cancelled. */
  signal: AbortSignal;
  /**
   * Writes down how far the work is; call it at least every 10 seconds. Rejects when the work must stop.
   * What was done before it may be done again after a crash.
   */
  save: (step: JobStep) => Promise<void>;
}

/** Does a job from its cursor to its end; its value is the job's result. MUST bear to be begun again at any cursor it saved. */
export type JobHandler = (work: JobWork) => Promise<JsonObject>;

export interface RunJobsOptions {
  /** The service in whose process this runs. */
  name: string;
  jobs: Jobs;
  handlers: Partial<Record<JobKind, JobHandler>>;
  logger: Logger;
  registry: Registry;
  /** Between looks for work, milliseconds. */
  pollMs?: number;
  /** How long a job stays with a process that says nothing, milliseconds. */
  leaseMs?: number;
}

const POLL_MS = 1_000;
const LEASE_MS = 30_000;

/** Does the jobs of some kinds, one at a time in this process. */
export function runJobs(options: RunJobsOptions): Service {
  return new JobRunner(options);
}

/** The work must stop; who holds the job now, or nobody, goes on with it. */
class JobStopped extends Error {}

class JobRunner implements Service {
  readonly name: string;
  readonly #options: RunJobsOptions;
  readonly #kinds: JobKind[];
  readonly #stopping = new AbortController();
  readonly #metrics;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: RunJobsOptions) {
    this.#options = options;
    this.name = `${options.name} jobs`;
    this.#kinds = Object.keys(options.handlers) as JobKind[];
    this.#metrics = jobMetrics(options.registry);
  }

  start(): Promise<void> {
    this.#schedule(0);
    return Promise.resolve();
  }

  #schedule(delayMs: number): void {
    if (this.#stopping.signal.aborted) return;
    this.#timer = setTimeout(() => {
      this.#running = this.#look().then((worked) => {
        this.#schedule(worked ? 0 : (this.#options.pollMs ?? POLL_MS));
      });
    }, delayMs);
  }

  /** Takes one job if there is one; says whether there was. */
  async #look(): Promise<boolean> {
    const { jobs, logger, leaseMs = LEASE_MS } = this.#options;
    try {
      const lease = await jobs.lease(this.#kinds, leaseMs);
      if (lease === undefined) return false;
      await this.#work(lease, leaseMs);
      return true;
    } catch (error) {
      logger.debug({ err: error }, 'no look for jobs; will try again');
      return false;
    }
  }

  async #work(lease: JobLease, leaseMs: number): Promise<void> {
    const { job } = lease;
    const { jobs, handlers, logger } = this.#options;
    const handler = handlers[job.kind];
    if (handler === undefined) throw new SomaError('internal', `no handler for jobs of kind ${job.kind}`);
    const about = { job_id: job.job_id, kind: job.kind };
    logger.info({ ...about, done: job.done }, 'job begins');
    this.#metrics.running(job.kind, 1);
    try {
      const work = {
        job,
        signal: this.#stopping.signal,
        save: saver(jobs, lease, leaseMs, this.#stopping.signal),
      };
      const result = await handler(work);
      await this.#finish(lease, { result });
      this.#metrics.ended(job.kind, 'done');
      logger.info(about, 'job done');
    } catch (error) {
      await this.#giveUp(lease, error);
    } finally {
      this.#metrics.running(job.kind, 0);
    }
  }

  /** What may pass is left to be leased again at its cursor; anything else ends the job. */
  async #giveUp(lease: JobLease, error: unknown): Promise<void> {
    const { logger } = this.#options;
    const about = { job_id: lease.job.job_id, kind: lease.job.kind, err: error };
    if (error instanceof JobStopped || this.#stopping.signal.aborted) {
      logger.info(about, 'job stopped before its end');
      return;
    }
    if (isSomaError(error) && error.retryable) {
      this.#metrics.ended(lease.job.kind, 'interrupted');
      logger.warn(about, 'job interrupted; it goes on where it was once its lease is over');
      return;
    }
    this.#metrics.ended(lease.job.kind, 'failed');
    logger.error(about, 'job failed');
    const detail = isSomaError(error) ? error.message : 'an unexpected error; the log of the service has it';
    await this.#finish(lease, { error: { code: isSomaError(error) ? error.code : 'internal', detail } });
  }

  #finish(lease: JobLease, end: Parameters<Jobs['finish']>[1]): Promise<boolean> {
    return retryUntilDone(() => this.#options.jobs.finish(lease, end), {
      signal: this.#stopping.signal,
      onFailure: (error) => {
        if (!isSomaError(error) || !error.retryable) throw error;
      },
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#running;
  }

  liveness(): boolean {
    return true;
  }

  readiness(): Promise<Record<string, boolean>> {
    return Promise.resolve({});
  }
}

function saver(jobs: Jobs, lease: JobLease, leaseMs: number, signal: AbortSignal): JobWork['save'] {
  return async (step) => {
    if (signal.aborted || !(await jobs.save(lease, step, leaseMs)))
      throw new JobStopped('the job is no longer ours');
  };
}

function jobMetrics(registry: Registry) {
  const running = gauge(registry, {
    name: 'soma_jobs_running',
    help: 'Jobs this process works on, by kind',
    labelNames: ['kind'],
  });
  const ended = counter(registry, {
    name: 'soma_jobs_ended_total',
    help: 'Jobs this process let go, by kind and how: done, failed, interrupted',
    labelNames: ['kind', 'how'],
  });
  return {
    running: (kind: string, count: number): void => {
      running.set({ kind }, count);
    },
    ended: (kind: string, how: string): void => {
      ended.inc({ kind, how });
    },
  };
}
