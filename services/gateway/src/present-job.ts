import { formatOptionalTime, formatTime } from '@soma/memory';
import type { Job } from '@soma/jobs';
import type { Answer } from './route.js';

/** A job as callers see it. */
export function presentJob(job: Job): Record<string, unknown> {
  const { job_id, kind, state, request, done, total, result, error } = job;
  return {
    job_id,
    kind,
    state,
    request,
    done,
    total,
    result,
    error,
    created_at: formatTime(job.created_at),
    started_at: formatOptionalTime(job.started_at),
    finished_at: formatOptionalTime(job.finished_at),
  };
}

/** The answer to a request that a job carries out. */
export function jobAccepted(job: Job): Answer {
  return {
    status: 202,
    headers: { Location: `/admin/jobs/${job.job_id}` },
    body: { job: presentJob(job) },
    target: job.job_id,
  };
}
