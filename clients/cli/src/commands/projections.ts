import { show, type CommandContext } from '../command-context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { followJob } from '../follow-job.js';
import type { Job } from '../jobs.js';
import type { Projection } from '../projection.js';
import { tableOf } from '../table.js';

export interface VerifyOptions {
  sample?: number;
  repair?: boolean;
  /** Of the command line alone: a default namespace narrows no check of all. */
  namespace?: string;
}

const COUNTS = ['checked', 'missing', 'older', 'newer', 'orphaned', 'wrongly_live', 'repaired'] as const;
type Counts = Record<(typeof COUNTS)[number], number>;

interface Example {
  namespace: string;
  coord: string | null;
  kind: string;
  expected_revision: number | null;
  found_revision: number | null;
}

/** Compares projections with Postgres, one after the other. */
export async function verify(
  context: CommandContext,
  projections: readonly Projection[],
  options: VerifyOptions,
): Promise<ExitCode> {
  const jobs: Job[] = [];
  for (const projection of projections) {
    const body = { projection, ...options };
    jobs.push((await context.api.call<{ job: Job }>('POST', '/admin/verify', { body })).body.job);
  }
  const ended: Job[] = [];
  for (const job of jobs) ended.push(await followJob(context, job));
  return report(context, projections, ended);
}

/** Makes a projection anew from Postgres, which ends with a comparison. */
export async function rebuild(context: CommandContext, projection: Projection): Promise<ExitCode> {
  const { body } = await context.api.call<{ job: Job }>('POST', '/admin/rebuild', { body: { projection } });
  return report(context, [projection], [await followJob(context, body.job)]);
}

function report(context: CommandContext, projections: readonly Projection[], jobs: readonly Job[]): ExitCode {
  const found = jobs.map((job) => countsOf(job.result ?? {}));
  const left = found.reduce((sum, counts) => sum + Math.max(0, differencesOf(counts) - counts.repaired), 0);
  show(context, { jobs }, () => {
    const rows = found.map((counts, index) => [projections[index], ...COUNTS.map((name) => counts[name])]);
    const examples = jobs.flatMap((job, index) => examplesOf(projections[index], job.result ?? {}));
    return [
      tableOf(['projection', ...COUNTS.map((name) => name.replace('_', ' '))], rows),
      ...(examples.length === 0 ? [] : [examplesText(examples)]),
      left === 0 ? 'no differences left' : `${left} differences; soma verify --repair mends them`,
    ].join('\n');
  });
  return left === 0 ? EXIT.ok : EXIT.differences;
}

function countsOf(result: Record<string, unknown>): Counts {
  const entries = COUNTS.map((name) => [name, typeof result[name] === 'number' ? result[name] : 0]);
  return Object.fromEntries(entries) as Counts;
}

function differencesOf({ missing, older, newer, orphaned, wrongly_live }: Counts): number {
  return missing + older + newer + orphaned + wrongly_live;
}

function examplesOf(projection: Projection | undefined, { examples }: Record<string, unknown>) {
  const found = Array.isArray(examples) ? (examples as Example[]) : [];
  return found.map((example) => ({ projection, ...example }));
}

function examplesText(examples: readonly (Example & { projection: Projection | undefined })[]): string {
  const head = ['projection', 'kind', 'namespace', 'coord', 'revision expected', 'found'];
  const rows = examples.map(({ projection, kind, namespace, coord, expected_revision, found_revision }) => [
    projection,
    kind,
    namespace,
    coord,
    expected_revision,
    found_revision,
  ]);
  return tableOf(head, rows);
}
