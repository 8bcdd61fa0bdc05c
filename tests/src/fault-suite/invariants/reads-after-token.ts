import type { Evidence } from '../evidence/evidence.js';
import type { Asked, Read } from '../history/history.js';
import { nameOf, type Replayed } from '../model/replay.js';
import { called, type Invariant, type Sentence } from './invariant.js';

/** A read or search that came with a token saw at least what the token covers. */
export const READS_AFTER_TOKEN: Invariant = {
  name: 'reads-after-token',
  title: 'No read is older than its token',
  check: (evidence) => evidence.history.reads.flatMap((read) => faultsOf(read, evidence)),
};

function faultsOf(read: Read, { attribution, model }: Evidence): Sentence[] {
  if (read.covered.length === 0) return [];
  const least = new Map<string, { version: number; asked: Asked }>();
  for (const asked of read.covered) {
    const row = attribution.byCommand.get(asked);
    if (row === undefined || row.version === null || row.topic !== 'memory.commands') continue;
    const known = least.get(asked.key);
    if (known === undefined || known.version < row.version)
      least.set(asked.key, { version: row.version, asked });
  }
  const older = read.seen.flatMap(({ key, version }) => {
    const wanted = least.get(key);
    if (wanted === undefined || version >= wanted.version) return [];
    return [
      `${titleOf(read)} saw version ${version} of ${key}, its token covers ${wanted.version} by ${called(wanted.asked)}`,
    ];
  });
  const gone = read.absent.flatMap((key) => {
    const wanted = least.get(key);
    if (wanted === undefined || mayBeAbsent(model.get(nameOf(read.namespace, key)), wanted.version))
      return [];
    return [
      `${titleOf(read)} did not see ${key}, its token covers version ${wanted.version} by ${called(wanted.asked)}`,
    ];
  });
  return [...older, ...gone, ...notFound(read, least.get(read.sought?.key ?? '')?.version, model)];
}

/** Was it deleted at that version or later, or could it expire? */
function mayBeAbsent(memory: Replayed | undefined, version: number): boolean {
  return (memory?.states ?? []).some(
    (state) => state.version >= version && (state.content === undefined || state.content.expires_at !== null),
  );
}

/**
 * A search for the one word of a command that the token covers finds its memory, unless that changed again: then the
 * word may be gone.
 */
function notFound(read: Read, covered: number | undefined, model: Evidence['model']): Sentence[] {
  const { sought, seen } = read;
  if (sought === undefined || covered === undefined) return [];
  const memory = model.get(nameOf(read.namespace, sought.key));
  const latest = memory?.states.at(-1);
  const made = memory?.states.find(({ version }) => memory.makers.get(version)?.asked === sought);
  if (made === undefined || latest === undefined || made.content === undefined) return [];
  // Changed since, by whomever and whenever: nothing can be said for sure.
  if (latest.version !== made.version || made.content.expires_at !== null) return [];
  if (!hasWord(made.content, sought.n) || seen.some(({ key }) => key === sought.key)) return [];
  return [`${titleOf(read)} did not find version ${made.version} of ${sought.key}, which its token covers`];
}

/** Texts begin with the word; a put without a text of its own has none. */
function hasWord(
  { given_text: given, payload }: { given_text?: string; payload: object },
  n: number,
): boolean {
  const text = given ?? ('text' in payload ? String(payload.text) : '');
  return text.startsWith(`cmd${n}x `);
}

function titleOf({ kind, n, namespace }: Read): string {
  return `${kind} ${n} in ${namespace}`;
}
