import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A long conversation of two people over several sessions, with questions about it, in the form of LoCoMo. */
export interface Conversation {
  name: string;
  turns: Turn[];
  qa: Question[];
}

export interface Turn {
  id: string;
  speaker: string;
  text: string;
  /** What a photo shows that was sent along. */
  caption: string | null;
  session: number;
  /** When the session took place: `1:56 pm on 8 May, 2023`. */
  date: string;
}

export interface Question {
  q: string;
  a: string | number;
  /** Ids of the turns that hold the answer. */
  ev: string[];
  /** 5: the answer is not in the conversation. */
  cat: number;
}

const LOCOMO = fileURLToPath(new URL('../../../../shared/data/locomo-dev.json', import.meta.url));
const OWN = fileURLToPath(new URL('../../data/conversation.json', import.meta.url));

/** SOMA_DEMO_DATA, else LoCoMo beside the checkout, else the conversation that comes with the project. */
export function conversationFile(env: NodeJS.ProcessEnv): string {
  return env['SOMA_DEMO_DATA'] ?? (existsSync(LOCOMO) ? LOCOMO : OWN);
}

/** The conversation of that name, or the first. */
export async function readConversation(file: string, name?: string): Promise<Conversation> {
  const conversations = JSON.parse(await readFile(file, 'utf8')) as Conversation[];
  const found = conversations.find((conversation) => name === undefined || conversation.name === name);
  if (found !== undefined) return found;
  const names = conversations.map((conversation) => conversation.name).join(', ');
  throw new RangeError(`${file} has no conversation ${name ?? ''}; it has ${names}`);
}

/** The questions whose answer is in the conversation. */
export function answerable(conversation: Conversation): Question[] {
  const ids = new Set(conversation.turns.map(({ id }) => id));
  return conversation.qa.filter(({ cat, ev }) => cat !== 5 && ev.length > 0 && ev.every((id) => ids.has(id)));
}
