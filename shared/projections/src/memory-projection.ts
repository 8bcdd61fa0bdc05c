import type { JsonValue } from '@soma/memory';
import type { MemoryHead, MemoryHeads, MemoryId } from '@soma/memory-store';
import type { Difference, DifferenceKind } from './difference.js';
import type { VerifyRequest } from './job-request.js';
import type { Projection } from './projection.js';

/** What a projection holds of a memory. */
export interface Held {
  revision: number;
  /** Null where the projection does not say. */
  deleted: boolean | null;
}

export interface HeldMemory extends MemoryId, Held {
  /** Null where the projection does not say. */
  partition: number | null;
}

/** A projection with a state per memory, kept by a consumer group. */
export interface MemoryHolder {
  group: string;
  /** May it lack a live memory? */
  absenceIsFine: boolean;
  /** In the order of the keys. */
  held(namespace: string, keys: string[]): Promise<(Held | undefined)[]>;
  scan(page: { after: string | null; limit: number; namespace: string | null }): Promise<{
    entries: HeldMemory[];
    next: string | null;
  }>;
  mend(differences: readonly MemoryDifference[]): Promise<void>;
}

export interface MemoryDifference extends Difference {
  key: string;
  /** Null when there is no memory and the projection does not say. */
  partition: number | null;
}

/** First each memory is looked up in the projection, then each thing that it holds among the memories. */
type Place = null | { memories: MemoryId } | { entries: string | null };

const PAGE = 500;

export function memoryProjection(
  heads: MemoryHeads,
  holder: MemoryHolder,
  { sample, namespace }: Pick<VerifyRequest, 'sample' | 'namespace'>,
): Projection<MemoryDifference> {
  const compare = async (found: MemoryHead[]): Promise<MemoryDifference[]> => {
    const held = await heldOf(holder, found);
    return found.flatMap((head, index) => differenceOf(head, head, held[index], holder));
  };
  const memories = async (after: MemoryId | null) => {
    const found = await heads.scan({ after, limit: PAGE, namespace });
    const last = found.length < PAGE ? undefined : found.at(-1);
    const next = last === undefined ? { entries: null } : { memories: idOf(last) };
    return { checked: found.length, looked: found.length, suspects: await compare(found), next };
  };
  const drawn = async (size: number) => {
    const found = await heads.sample({ size, namespace });
    return { checked: found.length, looked: found.length, suspects: await compare(found), next: null };
  };
  /** Held states of memories that are there were compared already: what is left are those without one. */
  const entries = async (after: string | null) => {
    const page = await holder.scan({ after, limit: PAGE, namespace });
    const found = await heads.of(page.entries);
    const suspects = page.entries.flatMap((entry, index) =>
      found[index] === undefined ? differenceOf(entry, undefined, entry, holder) : [],
    );
    const next = page.next === null ? null : { entries: page.next };
    return { checked: 0, looked: page.entries.length, suspects, next };
  };
  return {
    page: (at: JsonValue) => {
      if (sample !== null) return drawn(sample);
      const place = at as Place;
      if (place !== null && 'entries' in place) return entries(place.entries);
      return memories(place?.memories ?? null);
    },
    look: async (suspects) => {
      const held = await heldOf(holder, suspects);
      const current = await heads.of(suspects);
      return suspects.flatMap((suspect, index) => differenceOf(suspect, current[index], held[index], holder));
    },
    mend: (differences) => holder.mend(differences),
    size: async () => (sample === null ? 2 * (await heads.count(namespace)) : sample),
  };
}

function idOf({ namespace, key }: MemoryId): { namespace: string; key: string } {
  return { namespace, key };
}

/** In the order of the ids, asked for by namespace. */
async function heldOf(holder: MemoryHolder, ids: readonly MemoryId[]): Promise<(Held | undefined)[]> {
  const places = new Map<string, number[]>();
  ids.forEach(({ namespace }, index) => places.set(namespace, [...(places.get(namespace) ?? []), index]));
  const held: (Held | undefined)[] = Array.from(ids, () => undefined);
  for (const [namespace, indexes] of places) {
    const answers = await holder.held(
      namespace,
      indexes.map((index) => ids[index]?.key ?? ''),
    );
    indexes.forEach((index, place) => {
      held[index] = answers[place];
    });
  }
  return held;
}

/** Empty when the projection is right about the memory. */
function differenceOf(
  of: MemoryId & { coord?: string; partition: number | null },
  head: MemoryHead | undefined,
  held: Held | undefined,
  holder: MemoryHolder,
): MemoryDifference[] {
  const kind = kindOf(head, held, holder.absenceIsFine);
  if (kind === null) return [];
  const { namespace, key } = of;
  const partition = head?.partition ?? of.partition;
  // A newer state is right as soon as the writer has come so far, anything else as soon as the projection has.
  const isAhead = kind === 'newer' || kind === 'orphaned';
  const group = isAhead ? 'writer' : holder.group;
  const revision = isAhead ? held?.revision : head?.revision;
  return [
    {
      id: `${namespace} ${key}`,
      kind,
      namespace,
      key,
      partition,
      coord: head?.coord ?? of.coord ?? key,
      expected_revision: head?.revision ?? null,
      found_revision: held?.revision ?? null,
      awaits: partition === null || revision === undefined ? null : { group, partition, revision },
    },
  ];
}

function kindOf(
  head: MemoryHead | undefined,
  held: Held | undefined,
  absenceIsFine: boolean,
): DifferenceKind | null {
  if (held === undefined) {
    return head === undefined || head.deleted || absenceIsFine ? null : 'missing';
  }
  if (head === undefined) return held.deleted === true ? null : 'orphaned';
  if (held.revision > head.revision) return 'newer';
  const isLive = held.deleted === false;
  if (head.deleted && isLive) return 'wrongly_live';
  if (held.revision < head.revision) return 'older';
  return !head.deleted && held.deleted === true ? 'missing' : null;
}
