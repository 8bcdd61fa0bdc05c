import type { Conversation, Turn } from '../../demo/conversation.js';
import { parseSessionDate } from '../../demo/date.js';
import type { JudgedMemory, JudgedSet } from './judged-set.js';

/** Also several in one string (`D8:6; D9:17`), with leading zeros, or with a colon too many: the data has them all. */
const EVIDENCE = /D:?(\d+):(\d+)/g;

/** The answers of category 5 are not in the conversation, so there is nothing to recall. */
const ADVERSARIAL = 5;

const CATEGORIES: Record<number, string> = {
  1: '1 multi-hop',
  2: '2 temporal',
  3: '3 open-domain',
  4: '4 single-hop',
};

/** One memory a turn: who speaks as actor, the session as thread, its date as occurred_at. */
export function judgedConversation(conversation: Conversation): JudgedSet {
  const ids = new Set(conversation.turns.map(({ id }) => id));
  const questions = conversation.qa
    .filter(({ cat }) => cat !== ADVERSARIAL)
    .map(({ q, ev, cat }) => ({
      query: q,
      category: CATEGORIES[cat] ?? String(cat),
      relevant: evidenceIds(ev).filter((id) => ids.has(id)),
    }))
    .filter(({ relevant }) => relevant.length > 0);
  return { name: conversation.name.toLowerCase(), memories: conversation.turns.map(memoryOf), questions };
}

function memoryOf({ id, speaker, text, caption, session, date }: Turn): JudgedMemory {
  return {
    coord: id,
    text: caption === null ? text : `${text} [photo: ${caption}]`,
    actor: speaker,
    thread_id: `session-${session}`,
    occurred_at: parseSessionDate(date),
  };
}

/** The turns that evidence names, each once, as turns spell their ids: `D1:3`. */
export function evidenceIds(evidence: readonly string[]): string[] {
  const ids = evidence.flatMap((text) =>
    Array.from(text.matchAll(EVIDENCE), ([, session, turn]) => `D${Number(session)}:${Number(turn)}`),
  );
  return [...new Set(ids)];
}
