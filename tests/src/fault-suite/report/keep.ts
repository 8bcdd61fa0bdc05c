import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StartedArena } from '../fault.js';
import type { SuiteOptions } from '../options.js';
import type { RoundResult } from '../rounds/round.js';

/** What one needs to find out what went wrong. @returns the folder */
export async function keep(
  round: RoundResult,
  arena: StartedArena,
  { keep: parent, seed }: SuiteOptions,
  name: string,
): Promise<string> {
  if (parent !== null) await mkdir(parent, { recursive: true });
  const folder = await mkdtemp(join(parent ?? tmpdir(), `soma-faults-${seed}-${name}-`));
  const { history, ...result } = round;
  const { commands, reads, poisons, answers } = history;
  const named = reads.map(({ covered, sought, ...read }) => ({
    ...read,
    covered: covered.map(({ n }) => n),
    sought: sought?.n ?? null,
  }));
  await writeFile(join(folder, 'result.json'), JSON.stringify(result, null, 2));
  await writeFile(join(folder, 'commands.jsonl'), lines(commands));
  await writeFile(join(folder, 'reads.jsonl'), lines(named));
  await writeFile(join(folder, 'poisons.jsonl'), lines(poisons));
  await writeFile(join(folder, 'answers.json'), JSON.stringify(Object.fromEntries(answers), null, 2));
  for (const [process, output] of Object.entries(arena.outputTails())) {
    await writeFile(join(folder, `${process}.log`), output);
  }
  return folder;
}

function lines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}
