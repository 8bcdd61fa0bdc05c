import { coordinateNumbers } from './coordinate.js';
import type { Memory } from './memory.js';
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
