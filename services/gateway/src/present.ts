import { coordinateNumbers, type Link, type Memory } from '@soma/memory';
import type { GraphAnswer, SearchAnswer } from '@soma/reads';
import { formatOptionalTime, formatTime } from './time.js';

/** A memory as callers see it. */
export function presentMemory(memory: Memory): Record<string, unknown> {
  return {
    coord: memory.coord,
    coordinate: coordinateNumbers(memory.key),
    namespace: memory.namespace,
    memory_type: memory.memory_type,
    payload: memory.payload,
    text: memory.text,
    user_id: memory.user_id,
    agent_id: memory.agent_id,
    thread_id: memory.thread_id,
    actor: memory.actor,
    tags: memory.tags,
    importance: memory.importance,
    version: memory.version,
    occurred_at: formatOptionalTime(memory.occurred_at),
    expires_at: formatOptionalTime(memory.expires_at),
    created_at: formatTime(memory.created_at),
    updated_at: formatTime(memory.updated_at),
  };
}

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
