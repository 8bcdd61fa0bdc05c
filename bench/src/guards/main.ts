import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { plant } from '@soma/tests/fault-suite/mutants';
import { ROOT } from '@soma/tests/system';
import { percentile } from '../percentile.js';
import { UNGUARDED } from './unguarded.js';

/*
 * npm run bench:guards: writes stored a second by the standalone profile with its guards (inbox and id locks,
 * conditional index writes, proofs of the log, cache before outcome) and without them, in turns.
 */

const ROUNDS = 5;
const run = promisify(execFile);

async function storedPerSecond(root: string): Promise<number> {
  const { stdout } = await run(process.execPath, [join(root, 'bench/dist/guards/stored-per-second.js')]);
  return (JSON.parse(stdout) as { stored_per_second: number }).stored_per_second;
}

const unguarded = await plant({ edits: UNGUARDED });
try {
  const figures = { with: [] as number[], without: [] as number[] };
  for (let round = 1; round <= ROUNDS; round += 1) {
    figures.with.push(await storedPerSecond(ROOT));
    figures.without.push(await storedPerSecond(unguarded.root));
    console.log(
      `round ${round} of ${ROUNDS}: with ${whole(figures.with)}, without ${whole(figures.without)}`,
    );
  }
  const [guarded, bare] = [percentile(figures.with, 0.5), percentile(figures.without, 0.5)];
  console.log(
    `\nstored/s, median of ${ROUNDS}: with the guards ${Math.round(guarded)}, without ${Math.round(bare)}`,
  );
  console.log(`with/without: ${(guarded / bare).toFixed(2)}`);
} finally {
  await unguarded.remove();
}

/** The newest of the figures. */
function whole(values: readonly number[]): number {
  return Math.round(values.at(-1) ?? 0);
}
