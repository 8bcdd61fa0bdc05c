import type { GraphStore, LinkFault, LinkId } from '@soma/graph-store';
import type { JsonValue } from '@soma/memory';
import type { Difference, DifferenceKind, Projection, VerifyRequest } from '@soma/projections';

interface LinkDifference extends Difference {
  fault: LinkFault;
}

const PAGE = 500;

const KINDS: Record<LinkFault['fault'], DifferenceKind> = {
  outlived: 'orphaned',
  unfounded: 'orphaned',
  ahead: 'newer',
};

/**
 * The links, compared with the memories. Links are their own truth: what can be wrong is a link that should have gone
 * with a memory, and one that recorded more of a memory than there is.
 */
export function graphProjection(
  { links: { checks } }: { links: Pick<GraphStore, 'checks'> },
  { sample, namespace }: Pick<VerifyRequest, 'sample' | 'namespace'>,
): Projection<LinkDifference> {
  return {
    page: async (at: JsonValue) => {
      const { links, faults, next } =
        sample === null
          ? await checks.page({ after: at as unknown as LinkId | null, limit: PAGE, namespace })
          : await checks.sample({ size: sample, namespace });
      const position = next as unknown as JsonValue;
      return { checked: links, looked: links, suspects: faults.map(differenceOf), next: position };
    },
    look: async (suspects) => {
      const known = new Set(suspects.map(({ id }) => id));
      const faults = await checks.of(suspects.map(({ fault }) => fault));
      return faults.map(differenceOf).filter(({ id }) => known.has(id));
    },
    mend: (differences) => checks.mend(differences.map(({ fault }) => fault)),
    size: async () => sample ?? checks.count(namespace),
  };
}

function differenceOf(fault: LinkFault): LinkDifference {
  const { namespace, from_key, to_key, link_type, coord, partition, revision, recorded } = fault;
  return {
    // One link may be wrong about both its ends.
    id: `${namespace} ${from_key} ${to_key} ${coord} ${link_type}`,
    kind: KINDS[fault.fault],
    namespace,
    coord,
    expected_revision: revision,
    found_revision: recorded,
    awaits: awaited(fault.fault, partition, revision),
    fault,
  };
}

/** A link outlives a memory until the graph has heard of the deletion. */
function awaited(
  fault: LinkFault['fault'],
  partition: number | null,
  revision: number | null,
): Difference['awaits'] {
  if (fault !== 'outlived' || partition === null || revision === null) return null;
  return { group: 'graph', partition, revision };
}
