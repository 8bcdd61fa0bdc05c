import { isRecord } from '../workload/http-client.js';
import type { Invariant } from './invariant.js';

/** However often a command arrived: one operation, at most one version, and its mark on no version of another. */
export const ONE_EFFECT: Invariant = {
  name: 'one-effect',
  title: 'One effect per command id',
  check: ({ stored, attribution }) => {
    const sentences: string[] = [];
    for (const [id, count] of countsOf(stored.operations.map(({ command_id: command }) => command))) {
      if (count > 1) sentences.push(`command ${id} has ${count} operations`);
    }
    for (const [id, count] of countsOf(stored.versions.map(({ operation_id: operation }) => operation))) {
      if (count > 1) sentences.push(`command ${id} made ${count} versions`);
    }
    const numbers = new Map([...attribution.byRow].map(([row, asked]) => [row.command_id, asked.n]));
    const makers = new Map<number, string>();
    for (const { namespace, key, version, operation_id: operation, state } of stored.versions) {
      const payload = isRecord(state['payload']) ? state['payload'] : {};
      const marker = payload['marker'];
      if (typeof marker !== 'number') continue;
      const before = makers.get(marker);
      makers.set(marker, operation);
      if ((before !== undefined && before !== operation) || (numbers.get(operation) ?? marker) !== marker) {
        sentences.push(
          `version ${version} of ${namespace}/${key}, made by ${operation}, bears the mark of command ${marker}`,
        );
      }
    }
    return sentences;
  },
};

function countsOf(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
