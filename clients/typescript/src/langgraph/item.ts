import type { Item, PutOperation, SearchItem } from '@langchain/langgraph-checkpoint';
import type { FoundMemory, Memory, NewMemory } from '../types.js';
import { textOf } from './text-of.js';

/*
 * An item as a memory: `{langgraph: {path: "users.123.", key: "prefs"}, value}`. Each label of the path is closed by
 * a dot, which labels may not contain, so that a prefix of the path is always one of whole labels: `users.` is none
 * of `users2.`.
 */

interface Kept {
  langgraph: { path: string; key: string };
  value: Record<string, unknown>;
}

/** Only items have it: other memories of the namespace are none. */
const PATH_FIELD = 'langgraph.path';
const VALUE_FIELD = 'value';

function pathOf(labels: readonly string[]): string {
  return labels.map((label) => `${label}.`).join('');
}

/** The coord of an item: path and key have characters, and lengths, that a coord has not. */
export async function coordOf({ namespace, key }: { namespace: string[]; key: string }): Promise<string> {
  const named = new TextEncoder().encode(JSON.stringify([namespace, key]));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', named));
  return `langgraph:${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** @param fields What is searched of values whose put names no `index`; undefined: all their words. */
export function memoryOf(
  coord: string,
  { namespace, key, value, index }: PutOperation & { value: Record<string, unknown> },
  fields: readonly string[] | undefined,
): NewMemory {
  const kept: Kept = { langgraph: { path: pathOf(namespace), key }, value };
  return { coord, payload: { ...kept }, memory_type: 'semantic', text: textOf(value, index ?? fields) };
}

export function labelsIn({ payload }: Memory): string[] {
  return (payload as unknown as Kept).langgraph.path.split('.').slice(0, -1);
}

export function itemOf(memory: Memory): Item {
  const { payload, created_at, updated_at } = memory;
  const { langgraph, value } = payload as unknown as Kept;
  return {
    namespace: labelsIn(memory),
    key: langgraph.key,
    value,
    createdAt: new Date(created_at),
    updatedAt: new Date(updated_at),
  };
}

export function foundItemOf(memory: FoundMemory): SearchItem {
  return { ...itemOf(memory), score: memory.score };
}

/** Items under the prefix whose values pass the filter, as the service's filter. */
export function filtersOf(
  prefix: readonly string[],
  filter: Record<string, unknown> = {},
): Record<string, unknown> {
  const ofValue = Object.entries(filter).map(([name, wanted]) => ({ [`${VALUE_FIELD}.${name}`]: wanted }));
  return Object.assign({ [PATH_FIELD]: { $prefix: pathOf(prefix) } }, ...ofValue) as Record<string, unknown>;
}
