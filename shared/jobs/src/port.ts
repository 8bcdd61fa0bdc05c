import type { ErrorCode, JsonObject, JsonValue } from '@soma/memory';

/** Kinds of jobs, and the service that does each. */
export const JOB_KINDS = {
  'rebuild-index': 'indexer',
  'verify-index': 'indexer',
  reindex: 'indexer',
  'rollback-reindex': 'indexer',
  'finish-reindex': 'indexer',
  'rebuild-cache': 'cache-invalidator',
  'verify-cache': 'cache-invalidator',
  'rebuild-graph': 'graph',
  'verify-graph': 'graph',
  erase: 'writer',
  'check-erased': 'writer',
  delete: 'writer',
  'try-retention': 'writer',
} as const;

export type JobKind = keyof typeof JOB_KINDS;

export const JOB_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** Long work that a service does in steps. */
export interface Job {
  job_id: string;
  kind: JobKind;
  state: JobState;
  request: JsonObject;
  /** Where the next step begins; null before the first. Of the kind's own making. */
  cursor: JsonValue;
  /** In units of the kind: memories, links, records. */
  done: number;
  /** Null while nobody knows. */
  total: number | null;
  result: JsonObject | null;
  error: { code: ErrorCode; detail: string } | null;
  /** Who asked for it. */
  issuer: string;
  /** Of a caller's request: whose operation the job is. Null of what operators ask for, and so is the next. */
  namespace: string | null;
  /** What makes two requests under one id the same. */
  request_hash: string | null;
  /** Epoch milliseconds. */
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
}

/** The right to work on a job until it runs out. */
export interface JobLease {
  job: Job;
  epoch: number;
}

/** A caller's request that a job carries out; the job is its operation. */
export interface RequestedJob extends Pick<Job, 'job_id' | 'kind' | 'request' | 'issuer'> {
  namespace: string;
  request_hash: string;
  /** Most jobs of the namespace that are not over; beyond it none is made. */
  max_open: number;
}

export interface JobStep {
  cursor: JsonValue;
  done: number;
  total: number | null;
}

/**
 * Jobs: long work and how far it is. What an implementation MUST do:
 *
 * - A job is leased to one process at a time. A lease that was not extended in time may be taken by another process,
 *   which goes on at the cursor; whoever holds an older epoch writes nothing more.
 * - At most one job of a kind is leased at a time; jobs of a kind are leased in the order in which they were made.
 * - A cancelled job ends where it is: `save` says so.
 * - Errors: store_unavailable (retryable).
 */
export interface Jobs {
  create(job: { kind: JobKind; request: JsonObject; issuer: string }): Promise<Job>;
  /**
   * Makes the job of a caller's request, once: a job of that id that is there is returned as it is. Undefined when the
   * namespace has too many that are not over.
   */
  request(asked: RequestedJob): Promise<{ job: Job; created: boolean } | undefined>;
  get(jobId: string): Promise<Job | undefined>;
  /** Newest first. */
  list(limit: number): Promise<Job[]>;
  /** Ends a job that is not over; undefined when there is none of that id. An ended one is returned as it is. */
  cancel(jobId: string): Promise<Job | undefined>;
  lease(kinds: readonly JobKind[], leaseMs: number): Promise<JobLease | undefined>;
  /** Writes down a step and extends the lease. False when the lease was lost or the job cancelled: stop. */
  save(lease: JobLease, step: JobStep, leaseMs: number): Promise<boolean>;
  /** False when the lease was lost or the job cancelled. */
  finish(
    lease: JobLease,
    end: { result: JsonObject } | { error: NonNullable<Job['error']> },
  ): Promise<boolean>;
  /** Forgets jobs that ended before; those of callers' requests by a time of their own. Returns how many. */
  removeFinished(before: { jobs: number; requests: number }): Promise<number>;
}
