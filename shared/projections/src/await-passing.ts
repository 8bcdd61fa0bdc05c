import { setTimeout as sleep } from 'node:timers/promises';
import { TOPICS, type Topic } from '@soma/events';
import type { GroupProgress, Ledger } from '@soma/ledger';
import { revisionOf } from '@soma/memory';

/** The command that made this revision, in this partition, as seen by this group. */
export interface Mark {
  group: string;
  partition: number;
  revision: number;
}

export interface Passing {
  ledger: Pick<Ledger, 'progress'>;
  signal: AbortSignal;
  /** Called every second or so while it waits. */
  beat: () => Promise<void>;
}

/** What became of a mark. */
export type Passed = (mark: Mark | null) => 'passed' | 'standing' | 'coming';

/** How long a partition may stand still before nobody waits for it any more, milliseconds. */
const STANDSTILL_MS = 30_000;
/** The writer waits for nobody but Postgres. */
const WRITER_STANDSTILL_MS = 5_000;
const PAUSE_MS = 200;
const BEAT_MS = 2_000;

/** The writer's own progress is that of the commands; all others say how far their projection of them is. */
const OWN: Record<string, { topic: Topic; of: 'position' | 'command_position' }> = {
  writer: { topic: TOPICS.memoryCommands, of: 'position' },
};
const FOLLOWER = { topic: TOPICS.memoryEvents, of: 'command_position' } as const;

/**
 * Waits until the groups have passed the marks, as long as they come nearer; returns what is so then: `passed` what
 * was passed before this returned, `standing` what is in a partition that does not move, else `coming`.
 */
export async function awaitPassing(marks: readonly Mark[], options: Passing): Promise<Passed> {
  const { ledger, signal, beat } = options;
  const moved = new Map<string, { at: number; revision: number }>();
  for (let beaten = performance.now(); ;) {
    const standings = standingsOf(await ledger.progress());
    const now = performance.now();
    for (const mark of marks) {
      const revision = standings.get(placeOf(mark)) ?? -1;
      const known = moved.get(placeOf(mark));
      if (known === undefined || revision > known.revision) moved.set(placeOf(mark), { at: now, revision });
    }
    const stands = (mark: Mark): boolean => {
      const limit = mark.group === 'writer' ? WRITER_STANDSTILL_MS : STANDSTILL_MS;
      return now - (moved.get(placeOf(mark))?.at ?? now) > limit;
    };
    const isPassed = (mark: Mark): boolean => (standings.get(placeOf(mark)) ?? -1) >= mark.revision;
    if (marks.every((mark) => isPassed(mark) || stands(mark))) {
      return (mark) => (mark === null || isPassed(mark) ? 'passed' : stands(mark) ? 'standing' : 'coming');
    }
    if (now - beaten > BEAT_MS) {
      await beat();
      beaten = now;
    }
    await sleep(PAUSE_MS, undefined, { signal });
  }
}

function standingsOf(progress: GroupProgress[]): Map<string, number> {
  const standings = new Map<string, number>();
  for (const row of progress) {
    const { topic, of } = OWN[row.group] ?? FOLLOWER;
    if (row.topic !== topic || row[of] < 0) continue;
    standings.set(placeOf(row), revisionOf(row.generation, row[of]));
  }
  return standings;
}

function placeOf({ group, partition }: { group: string; partition: number }): string {
  return `${group} ${partition}`;
}
