import type { CodecValue } from '@soma/events';
import type { GraphStore } from '@soma/graph-store';
import { APPLY, SKIP, type Handler } from '@soma/worker';

/** What the graph worker does with memory.events: links of deleted memories go. */
export function handleMemoryEvents({ links }: { links: GraphStore }): Handler<CodecValue> {
  return {
    triage: ({ value }) => (value.type === 'MemoryDeleted' ? APPLY : SKIP),
    apply: async ({ records, move }) => {
      const deletions = records.flatMap(({ value }) => (value.type === 'MemoryDeleted' ? [value] : []));
      await links.removeLinksOf(deletions, move);
    },
  };
}
