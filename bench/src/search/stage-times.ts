const LINE = /^soma_search_stage_seconds_(sum|count)\{(?:.*,)?stage="(\w+)".*\} (\S+)$/;

/** What a process has told so far of the stages of its searches: seconds in all, and how often, by stage. */
export type StageTimes = Map<string, { sum: number; count: number }>;

/** @param opsUrl of the process that searches */
export async function readStageTimes(opsUrl: string): Promise<StageTimes> {
  return parseStageTimes(await (await fetch(`${opsUrl}/metrics`)).text());
}

export function parseStageTimes(metrics: string): StageTimes {
  const times: StageTimes = new Map();
  for (const line of metrics.split('\n')) {
    const [, kind, stage, value] = LINE.exec(line) ?? [];
    if (kind === undefined || stage === undefined) continue;
    const known = times.get(stage) ?? { sum: 0, count: 0 };
    times.set(stage, { ...known, [kind]: Number(value) });
  }
  return times;
}

/** Mean milliseconds that each stage took in between. */
export function meansBetween(before: StageTimes, after: StageTimes): Map<string, number> {
  const means = new Map<string, number>();
  for (const [stage, { sum, count }] of after) {
    const earlier = before.get(stage) ?? { sum: 0, count: 0 };
    const times = count - earlier.count;
    if (times > 0) means.set(stage, ((sum - earlier.sum) / times) * 1000);
  }
  return means;
}
