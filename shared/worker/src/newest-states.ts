import type { CodecValue } from '@soma/events';
import type { MemoryState } from '@soma/memory';
import type { Decoded } from './handler.js';

/** Folds the events of a batch to the newest state of each memory, in the order in which the memories first appear. */
export function newestStates(records: Decoded<CodecValue>[]): MemoryState[] {
  const newest = new Map<string, MemoryState>();
  for (const { value } of records) {
    const state = stateOf(value);
    if (state === undefined) continue;
    const place = `${state.namespace}/${state.key}`;
    const known = newest.get(place);
    if (known === undefined || known.revision < state.revision) newest.set(place, state);
  }
  return [...newest.values()];
}

function stateOf(event: CodecValue): MemoryState | undefined {
  if (event.type === 'MemoryStored') return event.memory;
  if (event.type !== 'MemoryDeleted') return undefined;
  const { namespace, key, coord, version, revision, deleted_at } = event;
  return { deleted: true, namespace, key, coord, version, revision, updated_at: deleted_at };
}
