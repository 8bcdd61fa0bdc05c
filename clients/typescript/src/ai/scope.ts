import type { Memory } from '../types.js';

/** Whose memories: written with what is remembered, and all that is recalled has it. */
export interface Scope {
  user_id?: string | undefined;
  agent_id?: string | undefined;
  thread_id?: string | undefined;
}

/** A memory as a model is shown it: what it says, where it is, and when it was. */
export interface ShownMemory {
  coord: string;
  text: string;
  date: string;
}

export function shown({ coord, text, occurred_at, created_at }: Memory): ShownMemory {
  return { coord, text, date: occurred_at ?? created_at };
}
