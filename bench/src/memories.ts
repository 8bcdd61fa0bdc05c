import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Conversation } from './demo/conversation.js';

const file = fileURLToPath(new URL('../data/conversation.json', import.meta.url));
const [conversation] = JSON.parse(readFileSync(file, 'utf8')) as Conversation[];
const turns = conversation?.turns ?? [];
const questions = conversation?.qa ?? [];

/** The memory of that number: two turns of a conversation and a number, so that texts share words and none is another. */
export function memoryText(index: number): string {
  const [one, other] = [turns[index % turns.length], turns[Math.floor(index / turns.length) % turns.length]];
  return `${one?.text ?? ''} ${other?.text ?? ''} no${index}`;
}

/** Memories of one talk. */
const THREAD = 20;

export function memoryBody(coord: string, index: number): string {
  return JSON.stringify({
    coord,
    payload: { text: memoryText(index) },
    actor: turns[index % turns.length]?.speaker,
    thread_id: `talk-${Math.floor(index / THREAD)}`,
    user_id: `user-${index % 10}`,
    tags: ['bench'],
  });
}

export function question(index: number): string {
  return questions[index % questions.length]?.q ?? '';
}

/** A question and the beginning of a turn: no two of some hundreds are the same, so that none is answered from a cache. */
export function distinctQuestion(index: number): string {
  const turn = turns[Math.floor(index / questions.length) % turns.length];
  return `${question(index)} ${turn?.text.split(' ').slice(0, 4).join(' ') ?? ''}`;
}
