import type { ApiClient } from '../api-client.js';
import type { Conversation, Turn } from './conversation.js';
import { parseSessionDate } from './date.js';

/** Messages of one call. */
const CHUNK = 20;

/**
 * Writes each turn as a memory: who speaks as actor, the session as thread, its date as occurred_at. The coord is the
 * turn's id, so that loading again replaces. @returns a consistency token that covers them all
 */
export async function loadConversation(
  api: ApiClient,
  conversation: Conversation,
  onStored: (turns: number) => void,
): Promise<string> {
  let token = '';
  for (const chunk of chunksOf(conversation.turns)) {
    const [{ session } = { session: 0 }] = chunk;
    const { headers } = await api.call(
      'POST',
      '/memories/messages',
      { messages: chunk.map(messageOf), thread_id: `session-${session}` },
      { Prefer: 'wait=30', ...(token === '' ? {} : { 'Soma-Consistency-Token': token }) },
    );
    token = headers.get('soma-consistency-token') ?? token;
    onStored(chunk.length);
  }
  return token;
}

/** In order, each of one session. */
function* chunksOf(turns: readonly Turn[]): Generator<Turn[]> {
  let chunk: Turn[] = [];
  for (const turn of turns) {
    if (chunk.length === CHUNK || (chunk[0] !== undefined && chunk[0].session !== turn.session)) {
      yield chunk;
      chunk = [];
    }
    chunk.push(turn);
  }
  if (chunk.length > 0) yield chunk;
}

function messageOf({ id, speaker, text, caption, date }: Turn) {
  const occurredAt = parseSessionDate(date);
  return {
    coord: id,
    role: 'user',
    name: speaker,
    content: caption === null ? text : `${text} [photo: ${caption}]`,
    ...(occurredAt === undefined ? {} : { occurred_at: occurredAt }),
  };
}
