import type { Evidence } from '../evidence/evidence.js';
import type { Asked, Seen } from '../history/history.js';
import { nameOf } from '../model/replay.js';
import { digestOf } from '../stable-json.js';
import { called, type Invariant, type Sentence } from './invariant.js';

/**
 * Each memory is a linearizable register, as far as its acknowledged versions tell. In general that needs a search over
 * all orders; here every acknowledged write carries the place that it took, its version, so the order is given and
 * only has to be checked: no two share a place, it respects real time (what ended before another began stands before
 * it), and what a read saw is what stands at its place, made by a command that had begun by then.
 */
export const VERSIONS_IN_ORDER: Invariant = {
  name: 'versions-in-order',
  title: 'Acknowledged versions of one memory are linearizable',
  check: (evidence) => [...writeFaults(evidence), ...readFaults(evidence)],
};

interface Acknowledged {
  asked: Asked;
  version: number;
  started: number;
  ended: number;
}

function writeFaults({ history }: Evidence): Sentence[] {
  const memories = new Map<string, Acknowledged[]>();
  for (const asked of history.commands) {
    const { told, started, ended } = asked;
    if (told.outcome !== 'done' || told.version === null || ended === null || isOfLink(asked)) continue;
    const name = nameOf(asked.namespace, asked.key);
    const writes = memories.get(name) ?? [];
    memories.set(name, writes);
    writes.push({ asked, version: told.version, started, ended });
  }
  return [...memories.values()].flatMap((writes) => [...shared(writes), ...againstTime(writes)]);
}

function isOfLink({ type }: Asked): boolean {
  return type === 'link' || type === 'unlink';
}

function shared(writes: readonly Acknowledged[]): Sentence[] {
  const takers = new Map<number, Acknowledged>();
  return writes.flatMap((write) => {
    const other = takers.get(write.version);
    takers.set(write.version, write);
    if (other === undefined) return [];
    return [
      `${called(write.asked)} and ${called(other.asked)} were both acknowledged with version ${write.version}`,
    ];
  });
}

/** In order of their beginnings: the greatest version among those that had ended must be smaller. */
function againstTime(writes: readonly Acknowledged[]): Sentence[] {
  const byStart = [...writes].sort((a, b) => a.started - b.started);
  const byEnd = [...writes].sort((a, b) => a.ended - b.ended);
  const sentences: Sentence[] = [];
  let greatest: Acknowledged | undefined;
  let next = 0;
  for (const write of byStart) {
    for (let ended = byEnd[next]; ended !== undefined && ended.ended < write.started; ended = byEnd[next]) {
      if (greatest === undefined || ended.version > greatest.version) greatest = ended;
      next += 1;
    }
    if (greatest === undefined || greatest.version < write.version) continue;
    sentences.push(
      `${called(write.asked)} has version ${write.version}, but began after ${called(greatest.asked)} had ended with ${greatest.version}`,
    );
  }
  return sentences;
}

function readFaults({ history, model }: Evidence): Sentence[] {
  return history.reads.flatMap((read) =>
    read.seen.flatMap((seen) => {
      const fault = faultOf(seen, read.ended, model);
      return fault === undefined
        ? []
        : [`${read.kind} ${read.n} saw ${nameOf(seen.namespace, seen.key)} ${fault}`];
    }),
  );
}

function faultOf(seen: Seen, ended: number, model: Evidence['model']): Sentence | undefined {
  const memory = model.get(nameOf(seen.namespace, seen.key));
  const state = memory?.states.find(({ version }) => version === seen.version);
  if (state?.content === undefined) return `at version ${seen.version}, at which there is nothing to see`;
  if (digestOf(state.content.payload) !== seen.digest)
    return `at version ${seen.version} with another payload`;
  if (seen.revision !== null && seen.revision !== state.revision) {
    return `at version ${seen.version} with revision ${seen.revision} instead of ${state.revision}`;
  }
  const maker = memory?.makers.get(seen.version)?.asked;
  return maker !== undefined && maker.started > ended
    ? `at version ${seen.version} before ${called(maker)} had begun`
    : undefined;
}
