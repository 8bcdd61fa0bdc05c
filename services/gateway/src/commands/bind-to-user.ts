import type { Command } from '@soma/memory';

/**
 * A command as a caller that is bound to a user sends it: what it stores is that user's. That nothing else is touched
 * is held where commands are carried out, because only there is known whose memory it is.
 */
export function bindToUser<Sent extends Command>(command: Sent, user_id: string | null): Sent {
  if (user_id === null) return command;
  const bound = { ...command, bound_to_user: user_id };
  return bound.type === 'StoreMemory' ? { ...bound, user_id: bound.user_id ?? user_id } : bound;
}
