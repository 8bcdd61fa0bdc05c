import type { Invariant } from './invariant.js';

/** No answer shows a memory of another namespace than was asked for. */
export const NAMESPACES_APART: Invariant = {
  name: 'namespaces-apart',
  title: 'No row of another namespace',
  check: ({ history }) =>
    history.reads.flatMap((read) =>
      read.seen.flatMap(({ namespace, key, marker, marker_namespace: made }) => {
        if (namespace === read.namespace && (made === null || made === read.namespace)) return [];
        const origin = `${namespace}/${key}, made by command ${marker ?? 'unknown'} for ${made ?? 'nobody known'}`;
        return [`${read.kind} ${read.n} in ${read.namespace} showed ${origin}`];
      }),
    ),
};
