import type { Evidence } from '../evidence/evidence.js';
import type { MemoryRow, VersionRow } from '../evidence/rows.js';
import { textOf, type ModelState } from '../model/fold.js';
import { isSweep, nameOf, type Replayed, type Step } from '../model/replay.js';
import { digestOf, stableJson } from '../stable-json.js';
import { called, type Invariant, type Sentence } from './invariant.js';

/** Every memory, and every version of it, is what its commands make in the order that the store gives them. */
export const EQUALS_MODEL: Invariant = {
  name: 'equals-model',
  title: "Every memory equals the model's",
  check: (evidence) => {
    const histories = groupedByMemory(evidence.stored.versions);
    const memories = new Map(evidence.stored.memories.map((row) => [nameOf(row.namespace, row.key), row]));
    const names = new Set([...evidence.model.keys(), ...memories.keys(), ...histories.keys()]);
    return [
      ...strangers(evidence),
      ...[...names].flatMap((name) => {
        const replayed = evidence.model.get(name);
        const first = firstDifference(replayed, histories.get(name) ?? [], memories.get(name));
        return first === undefined ? [] : [`${name}: ${first}`];
      }),
    ];
  },
};

/** Operations that no command of the history explains. */
function strangers({ stored, attribution, history }: Evidence): Sentence[] {
  const poisons = new Set(history.poisons.map(({ command_id: id }) => id));
  return stored.operations
    .filter((row) => !attribution.byRow.has(row) && !isSweep(row) && !poisons.has(row.command_id))
    .map(
      (row) =>
        `operation ${row.command_id} of ${row.namespace}/${row.coord} (${row.status}) was asked for by nobody`,
    );
}

/** Only the first of a memory: what follows from it says nothing more. */
function firstDifference(
  replayed: Replayed | undefined,
  versions: readonly VersionRow[],
  memory: MemoryRow | undefined,
): Sentence | undefined {
  if (replayed === undefined) return 'is there, and no command made it';
  for (const step of replayed.steps) {
    const difference = differenceOfOutcome(step);
    if (difference !== undefined) return difference;
  }
  for (const [index, state] of replayed.states.entries()) {
    const version = versions[index];
    if (version?.version !== state.version) return `history lacks version ${state.version}`;
    if (version.revision !== state.revision) {
      return `version ${state.version} has revision ${version.revision} instead of ${state.revision}`;
    }
    const field = differingField(state, asMemory(version));
    if (field !== undefined) return `version ${state.version} differs from the model's in ${field}`;
  }
  const extra = versions[replayed.states.length];
  if (extra !== undefined) return `history has version ${extra.version}, which no command made`;
  return differenceOfLatest(replayed.states.at(-1), memory);
}

function differenceOfOutcome({ row, asked, verdict }: Step): Sentence | undefined {
  const wanted = verdict.kind === 'rejected' ? verdict.code : null;
  const who = asked === undefined ? `clearing away ${row.command_id}` : called(asked);
  if (row.error_code !== wanted && !(asked === undefined && verdict.kind === 'nothing')) {
    return `${who} ended with ${row.error_code ?? 'no error'} instead of ${wanted ?? 'none'}`;
  }
  const version = 'state' in verdict ? verdict.state.version : null;
  if (row.version !== version)
    return `${who} made version ${row.version ?? 'none'} instead of ${version ?? 'none'}`;
  return verdict.kind === 'stored' && row.created !== verdict.created
    ? `${who} is noted as created: ${row.created}`
    : undefined;
}

function differenceOfLatest(
  latest: ModelState | undefined,
  memory: MemoryRow | undefined,
): Sentence | undefined {
  if (latest === undefined)
    return memory === undefined ? undefined : 'is there, and no command made a version';
  if (memory === undefined) return `is not there; the model has version ${latest.version}`;
  if (memory.version !== latest.version || memory.revision !== latest.revision) {
    return `stands at version ${memory.version}, revision ${memory.revision} instead of ${latest.version}, ${latest.revision}`;
  }
  const field = differingField(latest, memory);
  return field === undefined ? undefined : `as it stands differs from the model's in ${field}`;
}

type Content = Pick<
  MemoryRow,
  'deleted' | 'payload' | 'text' | 'memory_type' | 'user_id' | 'tags' | 'importance' | 'expires_at'
>;

function asMemory({ state }: VersionRow): Content {
  return state as unknown as Content;
}

function differingField({ content }: ModelState, found: Content): string | undefined {
  if (content === undefined) return found.deleted ? undefined : 'being deleted';
  if (found.deleted) return 'being there';
  if (digestOf(found.payload) !== digestOf(content.payload)) return 'payload';
  if (found.text !== textOf(content)) return 'text';
  const fields = ['memory_type', 'user_id', 'tags', 'importance', 'expires_at'] as const;
  return fields.find((field) => stableJson(found[field]) !== stableJson(content[field]));
}

function groupedByMemory(rows: readonly VersionRow[]): Map<string, VersionRow[]> {
  const groups = new Map<string, VersionRow[]>();
  for (const row of rows) {
    const name = nameOf(row.namespace, row.key);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return groups;
}
