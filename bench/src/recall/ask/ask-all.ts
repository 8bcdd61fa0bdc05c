import cliProgress from 'cli-progress';
import { ApiClient } from '../../api-client.js';
import type { JudgedSet } from '../judged/judged-set.js';
import { askSet, type Answer, type AskOptions } from './ask-set.js';
import { loadSet } from './load-set.js';
import type { Service } from './service.js';

interface AskAllOptions extends AskOptions {
  /** The memories are there from an earlier run: only ask. */
  loaded: boolean;
}

/** Loads each set into a namespace of its own and asks all its questions. */
export async function askAll(
  service: Service,
  sets: readonly JudgedSet[],
  options: AskAllOptions,
): Promise<Answer[]> {
  const bar = new cliProgress.SingleBar(
    {
      format: '{bar} {value}/{total} memories and questions, {set}, {duration_formatted}',
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  const memories = options.loaded ? 0 : total(sets.map((set) => set.memories.length));
  bar.start(memories + total(sets.map(({ questions }) => questions.length)), 0, { set: '' });
  const answers: Answer[] = [];
  try {
    for (const set of sets) {
      bar.update({ set: set.name });
      const api = new ApiClient({ ...service, namespace: `recall-${set.name}` });
      if (!options.loaded)
        await loadSet(api, set, (stored) => {
          bar.increment(stored);
        });
      answers.push(
        ...(await askSet(api, set, options, () => {
          bar.increment();
        })),
      );
    }
  } finally {
    bar.stop();
  }
  return answers;
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
