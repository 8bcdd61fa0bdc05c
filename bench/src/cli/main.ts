import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { percentile } from '../percentile.js';

/*
 * npm run bench:cli: how long `soma --help` takes from its start to its end, beside a Node that does nothing, in turns.
 */

const ROUNDS = 30;
const SOMA = fileURLToPath(new URL('../../../clients/cli/bin/soma.js', import.meta.url));

const lines: Record<string, string[]> = {
  'node -e 0': ['-e', '0'],
  'soma --help': [SOMA, '--help'],
  'soma search --help': [SOMA, 'search', '--help'],
};
const times = new Map(Object.keys(lines).map((name) => [name, [] as number[]]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, args] of Object.entries(lines)) {
    const began = performance.now();
    execFileSync(process.execPath, args, { stdio: 'ignore' });
    times.get(name)?.push(performance.now() - began);
  }
}
const bare = percentile(times.get('node -e 0') ?? [], 0.5);
const table = new Table({ head: [`of ${ROUNDS} runs`, 'p50 ms', 'best ms', 'beside node -e 0'] });
for (const [name, taken] of times) {
  const p50 = percentile(taken, 0.5);
  table.push([name, p50.toFixed(0), Math.min(...taken).toFixed(0), `${(p50 / bare).toFixed(2)} times`]);
}
console.log(table.toString());
