/** A job as the API shows it; times are RFC 3339. */
export interface Job {
  job_id: string;
  kind: string;
  state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled';
  request: Record<string, unknown>;
  done: number;
  total: number | null;
  result: Record<string, unknown> | null;
  error: { code: string; detail: string } | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

export function hasEnded({ state }: Job): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}
