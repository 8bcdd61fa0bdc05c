import type { Evidence } from '../evidence/evidence.js';
import type { DeadLetterRow } from '../evidence/rows.js';
import type { Invariant, Sentence } from './invariant.js';

/** Each dead letter is a poison that was injected, and each poison is refused once, with its reason and its bytes. */
export const DEAD_LETTERS_EXPLAINED: Invariant = {
  name: 'dead-letters-explained',
  title: 'Every dead letter is explained and counted',
  check: (evidence) => [...unexplained(evidence), ...uncounted(evidence), ...unpublished(evidence)],
};

function unexplained({ stored, history }: Evidence): Sentence[] {
  const poisons = new Map(history.poisons.map((poison) => [poison.id, poison]));
  return stored.dead_letters.flatMap((row) => {
    const poison = poisons.get(row.poison ?? '');
    const where = `${row.group_name} dead-lettered ${placeOf(row)} with ${row.code}`;
    if (poison === undefined) return [`${where}, which no poison explains`];
    if (!poison.codes.includes(row.code)) return [`${where}, a poison of the kind ${poison.kind}`];
    return row.value_hash === poison.value_hash
      ? []
      : [`${where}, with other bytes than poison ${poison.id}`];
  });
}

/** Every copy that stands in the topic is refused once; of a poison that Kafka acknowledged there is one at least. */
function uncounted({ stored, history, poison }: Evidence): Sentence[] {
  if (poison === null) return [];
  const refused = new Set(
    stored.dead_letters.filter(({ group_name: group }) => group === 'writer').map(placeOf),
  );
  const copies = poison.commands.flatMap(({ place, poison: id }) => {
    const where = place.replace(/^at /, '');
    // What stood in a topic that was replaced went with it.
    if (refused.has(where) || generationOf(where) !== poison.generation) return [];
    return [`poison ${id ?? 'unknown'} at ${where} is in no dead letter`];
  });
  const known = new Set(stored.dead_letters.map((row) => row.poison));
  const lost = history.poisons.filter(({ produced, id }) => produced === true && !known.has(id));
  return [
    ...copies,
    ...lost.map(({ id, kind }) => `poison ${id} (${kind}) was produced and is in no dead letter`),
  ];
}

/**
 * memory.dlq has each of them with its bytes. It may have one twice, from a worker that died between sending and
 * noting it; the place in its headers tells that it is the same.
 */
function unpublished({ stored, poison }: Evidence): Sentence[] {
  if (poison === null) return [];
  const published = new Map(poison.dead_letters.map((record) => [record.place, record]));
  const rows = new Set(stored.dead_letters.map(placeOf));
  const missing = stored.dead_letters.flatMap((row) => {
    const record = published.get(placeOf(row));
    if (record === undefined) return [`the dead letter of ${placeOf(row)} is not in memory.dlq`];
    return record.value_hash === row.value_hash ? [] : [`memory.dlq has other bytes for ${placeOf(row)}`];
  });
  const extra = [...published.keys()].filter((place) => !rows.has(place));
  return [
    ...missing,
    ...extra.map((place) => `memory.dlq has ${place}, which is no dead letter in Postgres`),
  ];
}

function placeOf({ topic, generation, partition, position }: DeadLetterRow): string {
  return [topic, generation, partition, position].join('/');
}

function generationOf(place: string): number {
  return Number(place.split('/')[1]);
}
