import { formatTime, presentMemory, type Link } from '@soma/memory';
import type { GraphAnswer, SearchAnswer } from '@soma/reads';

export function presentSearch({
  hits,
  degraded,
  degraded_reasons,
  took_ms,
}: SearchAnswer): Record<string, unknown> {
  const memories = hits.map(({ memory, score, similarity, context, explain }) => ({
    ...presentMemory(memory),
    score,
    similarity,
    ...(context === null ? {} : { context: context.map(presentMemory) }),
    ...(explain === null ? {} : { explain }),
  }));
  return { memories, degraded, degraded_reasons, took_ms };
}

export function presentGraph({ nodes, links }: GraphAnswer): Record<string, unknown> {
  return {
    nodes: nodes.map(({ memory, depth }) => ({ ...presentMemory(memory), depth })),
    links: links.map(presentLink),
  };
}

function presentLink(link: Link): Record<string, unknown> {
  return {
    from_coord: link.from_coord,
    to_coord: link.to_coord,
    type: link.link_type,
    weight: link.weight,
    properties: link.properties,
    version: link.version,
    created_at: formatTime(link.created_at),
    updated_at: formatTime(link.updated_at),
  };
}
