import type { Job } from './jobs.js';
import { Pace, paceText } from './pace.js';
import type { Terminal } from './terminal.js';

/** What is shown of a job, or of other work like it. */
export type Shown = Pick<Job, 'kind' | 'state' | 'done' | 'total'>;

/** Shows how far a job is, until `end`. */
export interface JobProgress {
  show(job: Shown): void;
  end(): void;
}

/** A bar where somebody looks on, else a line at each change. */
export async function openProgress({ interactive, note }: Terminal): Promise<JobProgress> {
  return interactive ? openBar() : plainLines(note);
}

async function openBar(): Promise<JobProgress> {
  const { default: progress } = await import('cli-progress');
  const bar = new progress.SingleBar(
    {
      format: '{kind}  {bar}  {value}/{of}  {state}{pace}',
      hideCursor: true,
      clearOnComplete: true,
      stream: process.stderr,
    },
    progress.Presets.shades_classic,
  );
  let started = false;
  const pace = new Pace();
  return {
    show: ({ kind, state, done, total }) => {
      // The bar wants a total; while nobody knows it, it stays empty.
      const most = Math.max(total ?? 0, 1);
      const seen = pace.at(performance.now(), done);
      const speed = state === 'running' ? paceText(seen, total === null ? null : total - done) : '';
      const fields = { kind, state: stateText(state, kind), of: total ?? '?', pace: speed };
      if (started) bar.setTotal(most);
      else bar.start(most, 0, fields);
      started = true;
      bar.update(total === null ? 0 : done, fields);
    },
    end: () => {
      if (started) bar.stop();
    },
  };
}

function plainLines(note: (text: string) => void): JobProgress {
  let last = '';
  return {
    show: ({ kind, state, done, total }) => {
      const counts = state === 'waiting' ? '' : ` ${done}${total === null ? '' : ` of ${total}`}`;
      const line = `${kind} ${stateText(state, kind)}${counts}`;
      if (line !== last) note(line);
      last = line;
    },
    end: () => undefined,
  };
}

/** Who does a job is a process of its own in a cluster, and may be out. */
function stateText(state: Job['state'], kind: string): string {
  return state === 'waiting' ? `waiting for the ${serviceOf(kind)} to take it` : state;
}

function serviceOf(kind: string): string {
  if (kind.endsWith('index')) return 'indexer';
  if (kind.endsWith('-cache')) return 'cache-invalidator';
  if (kind.endsWith('-graph')) return 'graph service';
  return 'writer';
}
