import { readFile, writeFile } from 'node:fs/promises';
import type { Answer } from './ask-set.js';

/** JSON Lines, one answer a line: what `--answers` reads instead of asking the service again. */
export async function writeAnswers(file: string, answers: readonly Answer[]): Promise<void> {
  await writeFile(file, answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
}

export async function readAnswers(file: string): Promise<Answer[]> {
  const text = await readFile(file, 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Answer);
}
