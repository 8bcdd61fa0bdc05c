import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Conversation } from '../../demo/conversation.js';
import { parseJudgedLines } from './judged-lines.js';
import type { JudgedSet } from './judged-set.js';
import { judgedConversation } from './locomo.js';

/** All sets of the files: `.jsonl` is one set in our own format, anything else conversations as LoCoMo has them. */
export async function readSets(files: readonly string[]): Promise<JudgedSet[]> {
  const sets = (await Promise.all(files.map(readFileSets))).flat();
  const names = sets.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new RangeError(`Two sets are named ${twice}`);
  if (sets.length === 0) throw new RangeError('There is nothing to ask: name files by --data');
  return sets;
}

async function readFileSets(file: string): Promise<JudgedSet[]> {
  const text = await readFile(file, 'utf8');
  if (file.endsWith('.jsonl')) return [parseJudgedLines(basename(file, '.jsonl'), text)];
  return (JSON.parse(text) as Conversation[]).map(judgedConversation);
}
