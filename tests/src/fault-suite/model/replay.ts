import type { Asked } from '../history/history.js';
import type { Attribution } from '../evidence/attribution.js';
import type { OperationRow } from '../evidence/rows.js';
import { step, swept, type ModelState, type Verdict } from './fold.js';

/** One command in the order that the store gives it, with what it has to come to. */
export interface Step {
  row: OperationRow;
  /** Undefined: the service's own clearing away of an expired memory. */
  asked: Asked | undefined;
  verdict: Verdict;
}

/** A memory from its first command to its last. */
export interface Replayed {
  namespace: string;
  key: string;
  steps: Step[];
  /** Every version there has to be. */
  states: ModelState[];
  /** Which step made each version. */
  makers: Map<number, Step>;
}

/** Who sends commands to clear away what has expired is no caller. */
const CALLERS: ReadonlySet<string> = new Set(['api-token', '']);

/** Each memory by the commands that the store says were carried out, in the order of their positions. */
export function replay(
  rows: readonly OperationRow[],
  { byRow }: Attribution,
  keyOf: (coord: string) => string,
): Map<string, Replayed> {
  const memories = new Map<string, Replayed>();
  for (const row of rows) {
    if (row.topic !== 'memory.commands' || row.status === 'dead_lettered') continue;
    const asked = byRow.get(row);
    const key = asked?.key ?? keyOf(row.coord);
    const name = nameOf(row.namespace, key);
    const memory: Replayed = memories.get(name) ?? {
      namespace: row.namespace,
      key,
      steps: [],
      states: [],
      makers: new Map(),
    };
    memories.set(name, memory);
    const verdict = verdictOn(memory.states.at(-1), asked, row);
    if (verdict === undefined) continue;
    const taken: Step = { row, asked, verdict };
    memory.steps.push(taken);
    if (!('state' in verdict)) continue;
    memory.states.push(verdict.state);
    memory.makers.set(verdict.state.version, taken);
  }
  return memories;
}

/** @returns undefined for a row that nobody asked for: told of elsewhere */
function verdictOn(
  current: ModelState | undefined,
  asked: Asked | undefined,
  row: OperationRow,
): Verdict | undefined {
  const moment = { at: row.recorded_at, revision: row.generation * 2 ** 40 + row.position };
  if (asked !== undefined) return step(current, asked, moment);
  if (!isSweep(row)) return undefined;
  const state = swept(current, moment);
  return state === undefined ? { kind: 'nothing' } : { kind: 'deleted', state };
}

export function isSweep(row: OperationRow): boolean {
  return !CALLERS.has(row.issuer);
}

export function nameOf(namespace: string, key: string): string {
  return `${namespace}/${key}`;
}
